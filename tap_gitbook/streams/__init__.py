"""The streams, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_gitbook.streams import (
    bodies,
    change_requests,
    comments,
    insights,
    integrations,
    organizations,
    pages,
    permissions,
    questions,
    sites,
    sources,
    spaces,
)

if TYPE_CHECKING:
    from rest_tap import RestStream

STREAMS: tuple[type[RestStream], ...] = (
    organizations.Users,
    organizations.Organizations,
    organizations.OrganizationMembers,
    organizations.Teams,
    organizations.TeamMembers,
    organizations.InviteLinks,
    organizations.AuditEvents,
    spaces.Spaces,
    permissions.SpaceUserPermissions,
    permissions.SpaceTeamPermissions,
    spaces.GitInfo,
    spaces.SpaceIntegrations,
    pages.Content,
    pages.Pages,
    bodies.PageDocuments,
    pages.Files,
    comments.Comments,
    comments.CommentReplies,
    insights.InsightsTraffic,
    spaces.Collections,
    permissions.CollectionUserPermissions,
    permissions.CollectionTeamPermissions,
    change_requests.ChangeRequests,
    change_requests.ChangeRequestReviews,
    change_requests.RequestedReviewers,
    change_requests.ChangeRequestContributors,
    comments.ChangeRequestComments,
    comments.ChangeRequestCommentReplies,
    sites.Sites,
    sites.SiteSpaces,
    sites.SiteSections,
    sites.SiteSectionGroups,
    sites.SiteShareLinks,
    sites.SiteRedirects,
    permissions.SiteUserPermissions,
    permissions.SiteTeamPermissions,
    questions.SiteQuestions,
    questions.SiteAnswers,
    questions.SiteTopics,
    questions.SiteFindings,
    insights.SiteInsights,
    integrations.Integrations,
    sources.OpenAPISpecs,
    sources.OpenAPISpecVersions,
    sources.Translations,
    sources.GlossaryEntries,
    sources.ImportRuns,
)
