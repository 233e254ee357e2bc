"""Every answer that is played is valid against the vendor's own schemas."""

import json
import re

import pytest
from jsonschema import Draft202012Validator

from sandbox import Request
from sandbox.circleci import TOKEN, CircleCI, generate
from sandbox.circleci.operations import PREFIX
from tests.support import SHARED

DOCUMENT = SHARED / "specs" / "circleci-v2.json"
NOT_SO_STRICT = {
    "listWorkflowJobs": {"started_at"},  # Absent before a job starts, whatever the document says
    "getCollaborations": {"id"},
}


def as_json_schema(node):
    """OpenAPI 3.0 writes `nullable`, and this vendor `x-nullable`; JSON Schema knows neither."""
    if isinstance(node, list):
        return [as_json_schema(each) for each in node]
    if not isinstance(node, dict):
        return node
    schema = {key: as_json_schema(value) for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True or node.get("x-nullable") is True:
        return {"anyOf": [schema, {"type": "null"}]}
    return schema


@pytest.fixture(scope="module")
def document():
    if not DOCUMENT.exists():
        pytest.skip("the vendor's document is not beside the repository")
    return as_json_schema(json.loads(DOCUMENT.read_text()))


@pytest.fixture(scope="module")
def world():
    world = generate(5, pipelines=12)
    pipeline = world.new_pipeline(branch=None)
    world.advance(60)
    world.hold(pipeline)
    world.rerun(world.pipelines[next(iter(world.pipelines))].workflows[0], from_failed=True)
    world.advance(60)
    return world


def targets(world):
    """Addresses of everything that the tap reads, by operation."""
    project, (organization,) = world.projects[0], world.organizations
    first = project.pipelines[0]
    workflow = first.workflows[-1]
    held = list(world.workflows.values())[-2]
    number = workflow.jobs[0]["job_number"]
    slug = project.slug
    context = organization.lists["contexts"][0]["id"]
    component = organization.lists["components"][0]["id"]
    definition = project.lists["definitions"][0]["id"]
    window = "reporting-window=last-90-days"
    insights = f"/insights/{slug}/workflows"
    return {
        "getCurrentUser": ["/me"],
        "getCollaborations": ["/me/collaborations"],
        "getUser": [f"/user/{world.me['id']}"],
        "getOrganization": [f"/organization/{organization.slug}"],
        "listURLOrbAllowListEntries": [f"/organization/{organization.slug}/url-orb-allow-list"],
        "getOrganizationGroups": [f"/organizations/{organization.id}/groups"],
        "listContexts": [f"/context?owner-id={organization.id}"],
        "listEnvironmentVariablesFromContext": [f"/context/{context}/environment-variable"],
        "getContextRestrictions": [f"/context/{context}/restrictions"],
        "listPipelines": [f"/pipeline?org-slug={organization.slug}"],
        "listPipelinesForProject": [f"/project/{p.slug}/pipeline" for p in world.projects],
        "getPipelineByNumber": [f"/project/{slug}/pipeline/{first.row['number']}"],
        "getPipelineById": [f"/pipeline/{first.row['id']}"],
        "getPipelineConfigById": [f"/pipeline/{first.row['id']}/config"],
        "getPipelineValuesById": [f"/pipeline/{first.row['id']}/values"],
        "listWorkflowsByPipelineId": [f"/pipeline/{i}/workflow" for i in world.pipelines],
        "getWorkflowById": [f"/workflow/{workflow.row['id']}"],
        "listWorkflowJobs": [f"/workflow/{w.row['id']}/job" for w in (workflow, held)],
        "getProjectBySlug": [f"/project/{slug}"],
        "getProjectSettings": [f"/project/{slug}/settings"],
        "getJobDetails": [f"/project/{slug}/job/{number}"],
        "getTests": [f"/project/{slug}/{number}/tests"],
        "getJobArtifacts": [f"/project/{slug}/{number}/artifacts"],
        "listEnvVars": [f"/project/{slug}/envvar"],
        "listCheckoutKeys": [f"/project/{slug}/checkout-key"],
        "listSchedulesForProject": [f"/project/{slug}/schedule"],
        "getWebhooks": [f"/webhook?scope-id={project.id}&scope-type=project"],
        "listPipelineDefinitions": [f"/projects/{project.id}/pipeline-definitions"],
        "listPipelineDefinitionTriggers": [
            f"/projects/{project.id}/pipeline-definitions/{definition}/triggers"
        ],
        "getOrgSummaryData": [f"/insights/{organization.slug}/summary?{window}"],
        "getProjectWorkflowsPageData": [f"/insights/pages/{slug}/summary?{window}"],
        "getAllInsightsBranches": [f"/insights/{slug}/branches"],
        "getFlakyTests": [f"/insights/{p.slug}/flaky-tests" for p in world.projects],
        "getProjectWorkflowMetrics": [f"{insights}?{window}&all-branches=true"],
        "getProjectWorkflowRuns": [f"{insights}/build?all-branches=true"],
        "getProjectWorkflowJobMetrics": [f"{insights}/build/jobs?all-branches=true"],
        "getProjectWorkflowTestMetrics": [f"{insights}/build/test-metrics?all-branches=true"],
        "getJobTimeseries": [
            f"/insights/time-series/{slug}/workflows/build/jobs?granularity=daily"
        ],
        "listEnvironments": [f"/deploy/environments?org-id={organization.id}&page-size=50"],
        "listComponents": [f"/deploy/components?org-id={organization.id}&page-size=50"],
        "listComponentVersions": [f"/deploy/components/{component}/versions"],
    }


def answer(vendor, target):
    headers = {"Circle-Token": TOKEN, "Host": "circleci.example"}
    return vendor.handle(Request.parse("GET", f"{PREFIX}{target}", headers))


def test_answers_are_valid(document, world):
    vendor = CircleCI(world)
    schemas = {
        operation["operationId"]: operation["responses"]["200"]["content"]["application/json"]
        for methods in document["paths"].values()
        for method, operation in methods.items()
        if method == "get" and "operationId" in operation
    }
    for operation, addresses in targets(world).items():
        schema = {**schemas[operation]["schema"], "components": document["components"]}
        validator = Draft202012Validator(schema)
        for target in addresses:
            told = answer(vendor, target)
            assert told.status == 200, (target, told.body)
            lenient = NOT_SO_STRICT.get(operation, set())
            wrong = [
                f"{operation} {error.json_path}: {error.message}"
                for error in validator.iter_errors(json.loads(told.encoded()))
                if not any(name in error.message or name in error.path for name in lenient)
            ]
            assert wrong == []


def test_every_operation_that_a_stream_reads_is_held_to_the_document(world):
    from tap_circleci.streams import STREAMS

    told = [
        re.search(r"operationIds? ([\w, ]+)\)", stream.__doc__)[1]
        for stream in STREAMS
        if "of API v3" not in stream.__doc__  # Whose document is not to be had
    ]
    read = {name for names in told for name in names.split(", ")} - {"createUsageExport"}
    assert read <= targets(world).keys()


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/pipeline?org-slug=gh/acme&limit=100", 400),
        ("/pipeline?org-slug=gh/acme&page-token=2", 400),
        ("/pipeline", 400),
        ("/pipeline?org-slug=gh/nobody", 404),
        ("/project/gh/acme/nothing/pipeline", 404),
        ("/project/gh%2Facme%2Fservice-1/pipeline", 200),
        ("/insights/gh/acme/service-1/workflows?branch=main&all-branches=true", 400),
        ("/insights/gh/acme/service-1/workflows/build?end-date=2026-01-01T00:00:00Z", 400),
        ("/deploy/environments?org-id=gh/acme&page-size=50", 404),
        ("/deploy/environments?page-size=50", 400),
        ("/nothing", 404),
    ],
)
def test_requests_are_taken_strictly(world, target, status):
    assert answer(CircleCI(world), target).status == status


@pytest.mark.parametrize(
    "headers",
    [{}, {"Circle-Token": f"Bearer {TOKEN}"}, {"Circle-Token": "CCIPRJ_sandbox_0123456789abcdef"}],
)
def test_only_the_bare_personal_token_is_taken(world, headers):
    request = Request.parse("GET", f"{PREFIX}/me", headers)
    assert CircleCI(world).handle(request).status == 401


def test_lists_go_on_where_they_were_though_pipelines_come_meanwhile():
    world = generate(1, pipelines=60, projects=1)
    vendor = CircleCI(world)
    target = "/project/gh/acme/service-1/pipeline"
    seen, token = [], ""
    while token is not None:
        page = json.loads(answer(vendor, target + token).encoded())
        seen += [row["id"] for row in page["items"]]
        world.new_pipeline()
        token = page["next_page_token"] and f"?page-token={page['next_page_token']}"
    assert len(seen) == len(set(seen)) == 60
