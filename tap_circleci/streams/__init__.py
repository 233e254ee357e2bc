"""The streams of tap-circleci."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_circleci.streams.deploys import (
    Components,
    ComponentVersions,
    Deployments,
    Environments,
)
from tap_circleci.streams.insights import (
    FlakyTests,
    InsightsBranches,
    InsightsOrgSummary,
    InsightsProjectSummary,
)
from tap_circleci.streams.insights_workflows import (
    InsightsJobTimeseries,
    InsightsTestMetrics,
    InsightsWorkflowJobs,
    InsightsWorkflowRuns,
    InsightsWorkflows,
)
from tap_circleci.streams.jobs import Artifacts, JobDetails, Jobs, Tests
from tap_circleci.streams.organization import (
    Collaborations,
    ContextEnvironmentVariables,
    ContextRestrictions,
    Contexts,
    Groups,
    Me,
    Organizations,
    UrlOrbAllowList,
    Users,
)
from tap_circleci.streams.pipeline_details import PipelineConfigs, PipelineValues
from tap_circleci.streams.pipelines import Pipelines, Workflows
from tap_circleci.streams.projects import (
    CheckoutKeys,
    ProjectEnvironmentVariables,
    Projects,
    ProjectSettings,
    Schedules,
    Webhooks,
)
from tap_circleci.streams.steps import JobSteps
from tap_circleci.streams.triggers import PipelineDefinitions, Triggers
from tap_circleci.streams.usage import Usage

if TYPE_CHECKING:
    from tap_circleci.client import CircleCIStream

STREAMS: tuple[type[CircleCIStream], ...] = (
    *(Pipelines, Workflows, Jobs, PipelineValues, PipelineConfigs),
    *(JobDetails, JobSteps, Tests, Artifacts),
    *(Me, Users, Collaborations, Organizations, Groups, UrlOrbAllowList),
    *(Contexts, ContextEnvironmentVariables, ContextRestrictions),
    *(Projects, ProjectSettings, ProjectEnvironmentVariables, CheckoutKeys, Schedules, Webhooks),
    *(PipelineDefinitions, Triggers),
    *(InsightsOrgSummary, InsightsProjectSummary, InsightsBranches, FlakyTests),
    *(InsightsWorkflows, InsightsWorkflowRuns, InsightsWorkflowJobs),
    *(InsightsJobTimeseries, InsightsTestMetrics),
    *(Environments, Components, ComponentVersions, Deployments),
    Usage,
)
