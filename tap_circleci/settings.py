"""The settings of tap-circleci beside those that the taps share."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from rest_tap.settings import TEN_YEARS

LONGEST_WINDOW = "last-90-days"
WINDOWS = ["last-24-hours", "last-7-days", "last-30-days", "last-60-days", LONGEST_WINDOW]

SETTINGS: tuple[th.Property[Any], ...] = (
    th.Property(
        "token",
        th.StringType,
        required=True,
        secret=True,
        title="Token",
        description="A personal API token: in CircleCI, User Settings, Personal API Tokens. "
        "Project tokens do not work with API v2.",
        examples=["CCIPAT_..."],
    ),
    th.Property(
        "project_slugs",
        th.ArrayType(th.StringType),
        title="Projects",
        description="Read these projects, each by its own list of pipelines, which is complete. "
        "The slug of a project stands in its Project Settings. An empty list is as good as none.",
        examples=[["gh/acme/web", "circleci/<organization id>/<project id>"]],
    ),
    th.Property(
        "org_slugs",
        th.ArrayType(th.StringType),
        title="Organizations",
        description="Read these organizations. Without projects set, their pipelines are read "
        "from the organization's list, where CircleCI shows only projects that the token's user "
        "follows, 250 at most. Without projects and organizations, all that the token's user "
        "takes part in are read. An empty list is as good as none.",
        examples=[["gh/acme", "circleci/<organization id>"]],
    ),
    th.Property(
        "project_discovery",
        th.StringType(allowed_values=["pipelines", "v3"]),
        default="pipelines",
        title="Project discovery",
        description="How projects are found where none are set: by the organizations' `pipelines`, "
        "or by `v3`, CircleCI's API v3, which lists all that the token's user may see; then each "
        "is read by its own list of pipelines. CircleCI Server has no API v3.",
        examples=["v3"],
    ),
    th.Property(
        "branches",
        th.ArrayType(th.StringType),
        title="Branches",
        description="Read only pipelines of these branches; all if the list is empty.",
        examples=[["main"]],
    ),
    th.Property(
        "base_url",
        th.StringType,
        default="https://circleci.com/api/v2",
        title="Base URL",
        description="The address of API v2; of a CircleCI Server, https://its.host/api/v2.",
        examples=["https://circleci.acme.example/api/v2"],
    ),
    th.Property(
        "lookback",
        th.IntegerType(minimum=0, maximum=TEN_YEARS),
        default=259200,
        title="Look-back",
        description="How old a pipeline may be that is looked at again, in seconds before the "
        "last run (default: 3 days). Reruns of older ones are found as rerun_detection says.",
        examples=[604800],
    ),
    th.Property(
        "rerun_detection",
        th.StringType(allowed_values=["both", "lookback", "insights"]),
        default="both",
        title="Rerun detection",
        description="How reruns of finished pipelines are found: `lookback` asks for the "
        "workflows of each pipeline in the look-back, which is exact; `insights` asks for the "
        "runs that ended since, which takes far fewer requests where pipelines are many, and "
        "sees a rerun only when it has ended; `both` looks back in each run, and asks insights "
        "once a day (see `reconcile`) for reruns of older pipelines.",
        examples=["insights"],
    ),
    th.Property(
        "reporting_window",
        th.StringType(allowed_values=WINDOWS),
        default=LONGEST_WINDOW,
        title="Reporting window",
        description="The days that the summaries of insights cover.",
        examples=["last-30-days"],
    ),
    th.Property(
        "all_branches",
        th.BooleanType,
        default=True,
        title="All branches",
        description="Whether insights cover all branches, or only each project's default branch.",
        examples=[False],
    ),
)
