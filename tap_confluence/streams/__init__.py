"""The streams, one module a family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_confluence.streams import (
    audit,
    comments,
    containers,
    content,
    engagement,
    labels,
    people,
    readers,
    site,
    spaces,
    tasks,
    versions,
)

if TYPE_CHECKING:
    from tap_confluence.client import ConfluenceStream

STREAMS: list[type[ConfluenceStream]] = [
    spaces.Spaces,
    spaces.SpacePermissions,
    spaces.SpaceProperties,
    spaces.SpaceLabels,
    spaces.SpaceRoleAssignments,
    spaces.SpaceRoles,
    content.Pages,
    content.BlogPosts,
    content.Attachments,
    content.CustomContent,
    comments.FooterComments,
    comments.InlineComments,
    tasks.Tasks,
    labels.Labels,
    labels.PageLabels,
    labels.BlogPostLabels,
    labels.AttachmentLabels,
    versions.PageVersions,
    versions.BlogPostVersions,
    versions.AttachmentVersions,
    versions.PageContentProperties,
    versions.BlogPostContentProperties,
    versions.AttachmentContentProperties,
    engagement.ChildPages,
    engagement.PageLikes,
    engagement.BlogPostLikes,
    engagement.PageRestrictions,
    engagement.BlogPostRestrictions,
    readers.PageRestrictionSubjects,
    readers.BlogPostRestrictionSubjects,
    engagement.PageViews,
    containers.Whiteboards,
    containers.Databases,
    containers.Folders,
    containers.Embeds,
    readers.WhiteboardRestrictionSubjects,
    readers.DatabaseRestrictionSubjects,
    readers.FolderRestrictionSubjects,
    readers.EmbedRestrictionSubjects,
    people.Users,
    people.Groups,
    people.GroupMembers,
    site.ClassificationLevels,
    site.Themes,
    site.Templates,
    audit.Audit,
]
