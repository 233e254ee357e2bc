"""What CircleCI was seen to send though its contract says otherwise."""

import copy
import json

from sandbox import Fault, Response


def altered(read, end, change):
    """Let CircleCI's answers at paths that end so be changed."""

    def fault(request, _):
        if not request.path.endswith(end):
            return None
        answer = read.vendor.handle(request)
        body = json.loads(answer.encoded())
        return Fault("answer", Response(200, change(copy.deepcopy(body), request) or body))

    read.sandbox.fault = fault


def test_a_default_restriction_has_the_same_id_in_every_context(play):
    read = play()

    def change(body, _):
        same = {"id": read.world.organizations[0].id, "restriction_type": "group"}
        return {**body, "items": [same]}

    altered(read, "/restrictions", change)
    assert read("contexts", "context_restrictions").status == 0
    contexts = {row["id"] for row in read.tables["contexts"].values()}
    assert {key[0] for key in read.tables["context_restrictions"]} == contexts
    assert len(read.tables["context_restrictions"]) == len(contexts) > 1


def test_a_flaky_test_is_listed_once_for_each_of_its_jobs(play):
    read = play()

    def change(body, _):
        row = body["flaky-tests"][0]
        return {**body, "flaky-tests": [{**row, "job-number": 7}, {**row, "job-number": 8}]}

    altered(read, "/flaky-tests", change)
    assert read("flaky_tests").status == 0
    rows = read.tables["flaky_tests"].values()
    assert {row["job_number"] for row in rows} == {7, 8}
    assert len(rows) == 2 * len({row["project_slug"] for row in rows})


def test_a_list_of_variables_that_repeats_itself_is_read_once(play):
    read = play()
    names = [f"V{number}" for number in range(100)]
    rows = [{"variable": name, "truncated_value": "****ab"} for name in names]

    def change(body, _):
        return {"items": rows, "next_page_token": "again"}

    altered(read, "/environment-variable", change)
    run = read("contexts", "context_environment_variables")
    assert run.status == 0
    found = list(read.tables["context_environment_variables"].values())
    contexts = len(read.tables["contexts"])
    assert len(found) == len(run.records("context_environment_variables")) == 100 * contexts
    assert {row["truncated_value"] for row in found} == {"****ab"}
    assert "variables beyond 100 are not listed" in run.stderr


def test_figures_of_projects_are_asked_for_by_name_where_they_are_not_given(play):
    read = play()

    def change(body, request):
        names = request.query.get("project-names", ())
        body["all_projects"] = ["web", "api"]
        body["org_project_data"] = [{"project_name": name, "metrics": {}} for name in names]
        return body

    altered(read, "/summary", change)
    assert read("insights_org_summary").status == 0
    rows = read.tables["insights_org_summary"].values()
    told = [[each["project_name"] for each in row["org_project_data"]] for row in rows]
    assert ["web", "api"] in told


def test_triggers_and_pipelines_have_more_columns(play):
    read = play()
    more = {"name": "nightly", "description": "All of it", "attribution_actor": {"id": "u"}}

    def change(body, request):
        extra = more if request.path.endswith("/triggers") else {"warnings": [{"message": "old"}]}
        return {**body, "items": [{**row, **extra} for row in body["items"]]}

    altered(read, ("/triggers", "/pipeline"), change)
    assert read("pipelines", "triggers").status == 0
    assert read.tables["triggers"]
    assert all(more.items() <= row.items() for row in read.tables["triggers"].values())
    warnings = [row["warnings"] for row in read.tables["pipelines"].values()]
    assert warnings == [[{"message": "old"}]] * len(warnings) != []


def test_a_token_for_which_nothing_is_there_may_be_a_project_token(play):
    read = play()
    read.sandbox.fault = lambda request, _: (
        Fault.status(404) if "/project/" in request.path else None
    )
    run = read("projects", "pipelines", project_slugs=[read.world.projects[0].slug])
    assert run.status == 1
    assert "project token" in run.stderr


def test_an_approval_that_has_a_job_number_has_no_details(play):
    read = play()

    def change(body, _):
        rows = [{**row, "type": "approval", "job_number": 1} for row in body["items"]]
        return {**body, "items": rows}

    altered(read, "/job", change)
    assert read("jobs", "job_details", "tests", "artifacts").status == 0
    assert read.tables["jobs"]
    assert not [path for path in read.asked() if "/job/1" in path or "/1/" in path]
