"""Organizations, the people in them, and what belongs to an organization as it is now."""

from __future__ import annotations

import contextlib
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import Cost, LookupStream, columns
from tap_circleci.client import CircleCIStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Listing, Row

PERSON = (
    columns.key("id", "Identifies the user.", th.UUIDType),
    columns.text("login", "Login at the VCS."),
    columns.text("name", "Name as shown."),
    columns.text("avatar_url", "Picture."),
)


class Me(CircleCIStream):
    """The user to whom the token belongs (operationId getCurrentUser)."""

    name = "me"
    path = "/me"
    primary_keys = ("id",)
    records_key = None
    schema = columns.table(*PERSON)


class Users(CircleCIStream, LookupStream):
    """Users who started, reran, approved or canceled something (operationId getUser)."""

    name = "users"
    path = "/user/{user_id}"
    primary_keys = ("id",)
    records_key = None
    batch_size = 1
    schema = columns.table(*PERSON)

    def url_of(self, listing: Listing) -> str:
        """Ask for the one user of a batch."""
        (user_id,) = listing.keys["ids"]
        return self.get_url({"user_id": user_id})


class Collaborations(CircleCIStream):
    """Organizations in which the token's user takes part (operationId getCollaborations)."""

    name = "collaborations"
    path = "/me/collaborations"
    primary_keys = ("slug",)
    records_key = None
    child_keys: ClassVar[Mapping[str, str]] = {"organization_slug": "slug"}
    schema = columns.table(
        columns.key("slug", "Slug of the organization."),
        columns.uuid("id", "Id of the organization; it can be null."),
        columns.text("name", "Name of the organization."),
        columns.text("vcs_type", "Where its code is."),
        columns.text("avatar_url", "Picture."),
    )

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read the list that the run has."""
        yield [self.listing(pages=self._page)]

    def _page(self) -> Iterator[list[Row]]:
        """Yield the one page, and the organizations of the settings that it lacks."""
        rows = self.run.organizations.collaborations()
        others = set(self.run.choices.owners) - {row["slug"] for row in rows}
        yield [*rows, *({"slug": slug} for slug in sorted(others))]

    def rows_to_write(self, rows: list[Row], listing: Listing) -> list[Row]:  # noqa: ARG002
        """Those are for the children only."""
        return [row for row in rows if row.keys() != {"slug"}]


class Organizations(CircleCIStream):
    """Organizations of the settings (operationIds getCollaborations, getOrganization)."""

    name = "organizations"
    path = "/organization/{organization_slug}"
    primary_keys = ("id",)
    records_key = None
    parent_stream_type = Collaborations
    child_keys: ClassVar[Mapping[str, str]] = {
        "organization_id": "id",
        "organization_slug": "slug",
    }
    schema = columns.table(
        columns.key("id", "Identifies the organization.", th.UUIDType),
        columns.text("slug", "Names it in paths and in other streams."),
        columns.text("name", "Name of the organization."),
        columns.text("vcs_type", "Where its code is."),
        columns.text("avatar_url", "Picture, if the user takes part."),
    )

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read those of the settings; take what the collaborations tell, but for a lacking id."""
        chosen = self.run.choices.owners
        if chosen and row["slug"] not in chosen:
            return None
        return self.listing_below(
            above,
            row,
            keys,
            known=[dict(row)] if row.get("id") else None,
            pages=partial(self._ask, row["slug"]),
            # One in which the user takes part, and that nobody set, need not build anything
            if_missing=Cost.LIST if chosen else Cost.NOTHING,
        )

    def _ask(self, slug: str) -> Iterator[list[Row]]:
        """Ask for one; in a way that tells which setting names it, if it cannot be read."""
        yield [self.run.organizations.ask(slug)]


class OrganizationStream(CircleCIStream):
    """A list that belongs to an organization."""

    parent_stream_type = Organizations


def of_organization(*more: columns.Column) -> tuple[columns.Column, ...]:
    """Describe the organization's keys that each of its rows carries."""
    return (
        columns.key("organization_id", "Its organization.", th.UUIDType),
        columns.text("organization_slug", "Slug of that organization."),
        *more,
    )


class Groups(OrganizationStream):
    """Groups of users (operationId getOrganizationGroups)."""

    name = "groups"
    path = "/organizations/{organization_id}/groups"
    primary_keys = ("id",)
    needs = "an organization with groups (GitHub App, GitLab) and a user who may see them"
    schema = columns.table(
        *of_organization(),
        columns.key("id", "Identifies the group.", th.UUIDType),
        columns.text("name", "Name of the group."),
        columns.text("description", "What it is for."),
    )


class UrlOrbAllowList(OrganizationStream):
    """URLs from which orbs may be loaded (operationId listURLOrbAllowListEntries)."""

    name = "url_orb_allow_list"
    path = "/organization/{organization_slug}/url-orb-allow-list"
    primary_keys = ("id",)
    schema = columns.table(
        *of_organization(),
        columns.key("id", "Identifies the entry."),
        columns.text("name", "Name of the entry."),
        columns.text("prefix", "What an allowed URL begins with."),
        columns.text("auth", "How the URL is authenticated."),
    )


class Contexts(OrganizationStream):
    """Contexts: variables shared by projects (operationId listContexts)."""

    name = "contexts"
    path = "/context"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"context_id": "id"}
    schema = columns.table(
        *of_organization(),
        columns.key("id", "Identifies the context.", th.UUIDType),
        columns.text("name", "Name of the context."),
        columns.timestamp("created_at", "When it was made."),
    )

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Name the organization by its id: CircleCI Server does not take slugs here."""
        return {"owner-id": listing.keys["organization_id"]}


class OfContext(CircleCIStream):
    """A list that belongs to a context, of which only that it is new tells anything."""

    parent_stream_type = Contexts
    parent_cursor = "created_at"
    is_read_when_due = True
    lookback = timedelta()


class ContextEnvironmentVariables(OfContext):
    """Names of a context's variables (operationId listEnvironmentVariablesFromContext)."""

    name = "context_environment_variables"
    path = "/context/{context_id}/environment-variable"
    primary_keys = ("context_id", "variable")
    schema = columns.table(
        *of_organization(),
        columns.key("context_id", "Its context.", th.UUIDType),
        columns.key("variable", "Name of the variable."),
        columns.text("truncated_value", "Its last characters, masked."),
        columns.timestamp("created_at", "When it was first set."),
        columns.timestamp("updated_at", "When it was last set."),
    )

    def listing_below(
        self, above: Listing, row: Row, keys: Mapping[str, Any], **given: Any
    ) -> Listing:
        """Read a list whose end is told by rows alone."""
        pages = partial(self._pages, keys)
        return super().listing_below(above, row, keys, **{"pages": pages, **given})

    def _pages(self, keys: Mapping[str, Any]) -> Iterator[list[Row]]:
        """Read pages until one has nothing new: beyond 100 rows CircleCI repeats the first one."""
        listing, paginator, read = self.listing(keys=keys), self.get_new_paginator(), set[str]()
        while not paginator.finished:
            response = self.send(
                partial(self.request_for, listing, paginator.current_value), self.parse_response
            )
            rows = [*self.parse_response(response)]
            new = [row for row in rows if row.get("variable") not in read]
            if rows and not new:
                self.count_skipped(f"context whose variables beyond {len(read)} are not listed")
                return
            yield new
            read.update(str(row.get("variable")) for row in new)
            with contextlib.suppress(
                RuntimeError
            ):  # The SDK's word for a token that repeats itself
                paginator.advance(response)


class ContextRestrictions(OfContext):
    """Who may use a context (operationId getContextRestrictions)."""

    name = "context_restrictions"
    path = "/context/{context_id}/restrictions"
    primary_keys = ("context_id", "id")  # The default one has the organization's id everywhere
    schema = columns.table(
        *of_organization(),
        columns.key("context_id", "Its context.", th.UUIDType),
        columns.key("id", "Identifies it in its context.", th.UUIDType),
        columns.text("name", "Name of the project or group."),
        columns.uuid("project_id", "Project that may use it."),
        columns.text("restriction_type", "project, expression or group."),
        columns.text("restriction_value", "Its id, or the expression."),
    )
