"""Organizations, the people in them, and what belongs to an organization as it is now."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import Cost, LookupStream
from tap_circleci.client import CircleCIStream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Listing, Row

PERSON = (
    th.Property("id", th.UUIDType, required=True, description="Identifies the user."),
    th.Property("login", th.StringType, description="Login at the VCS."),
    th.Property("name", th.StringType, description="Name as shown."),
    th.Property("avatar_url", th.StringType, description="Picture."),
)


class Me(CircleCIStream):
    """The user to whom the token belongs (operationId getCurrentUser)."""

    name = "me"
    path = "/me"
    primary_keys = ("id",)
    records_key = None
    schema = th.PropertiesList(*PERSON).to_dict()


class Users(CircleCIStream, LookupStream):
    """Users who started, reran, approved or canceled something (operationId getUser)."""

    name = "users"
    path = "/user/{user_id}"
    primary_keys = ("id",)
    records_key = None
    batch_size = 1
    schema = th.PropertiesList(*PERSON).to_dict()

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
    schema = th.PropertiesList(
        th.Property("slug", th.StringType, required=True, description="Slug of the organization."),
        th.Property("id", th.UUIDType, description="Id of the organization; it can be null."),
        th.Property("name", th.StringType, description="Name of the organization."),
        th.Property("vcs_type", th.StringType, description="Where its code is."),
        th.Property("avatar_url", th.StringType, description="Picture."),
    ).to_dict()

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read the list that the run has."""
        yield [self.listing(pages=self._page)]

    def _page(self) -> Iterator[list[Row]]:
        """Yield the one page, and the organizations of the settings that it lacks."""
        rows = self._tap.collaborations()
        others = set(self._tap.chosen_orgs) - {row["slug"] for row in rows}
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
    schema = th.PropertiesList(
        th.Property("id", th.UUIDType, required=True, description="Identifies the organization."),
        th.Property("slug", th.StringType, description="Names it in paths and in other streams."),
        th.Property("name", th.StringType, description="Name of the organization."),
        th.Property("vcs_type", th.StringType, description="Where its code is."),
        th.Property("avatar_url", th.StringType, description="Picture, if the user takes part."),
    ).to_dict()

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read those of the settings; take what the collaborations tell, but for a lacking id."""
        chosen = self._tap.chosen_orgs
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
        yield [self._tap.ask_organization(slug)]


class OrganizationStream(CircleCIStream):
    """A list that belongs to an organization."""

    parent_stream_type = Organizations


def of_organization(*more: th.Property[Any]) -> tuple[th.Property[Any], ...]:
    """Describe the organization's keys that each of its rows carries."""
    return (
        th.Property("organization_id", th.UUIDType, required=True, description="Its organization."),
        th.Property("organization_slug", th.StringType, description="Slug of that organization."),
        *more,
    )


class Groups(OrganizationStream):
    """Groups of users (operationId getOrganizationGroups)."""

    name = "groups"
    path = "/organizations/{organization_id}/groups"
    primary_keys = ("id",)
    needs = "an organization with groups (GitHub App, GitLab) and a user who may see them"
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the group."),
        th.Property("name", th.StringType, description="Name of the group."),
        th.Property("description", th.StringType, description="What it is for."),
    ).to_dict()


class UrlOrbAllowList(OrganizationStream):
    """URLs from which orbs may be loaded (operationId listURLOrbAllowListEntries)."""

    name = "url_orb_allow_list"
    path = "/organization/{organization_slug}/url-orb-allow-list"
    primary_keys = ("id",)
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("id", th.StringType, required=True, description="Identifies the entry."),
        th.Property("name", th.StringType, description="Name of the entry."),
        th.Property("prefix", th.StringType, description="What an allowed URL begins with."),
        th.Property("auth", th.StringType, description="How the URL is authenticated."),
    ).to_dict()


class Contexts(OrganizationStream):
    """Contexts: variables shared by projects (operationId listContexts)."""

    name = "contexts"
    path = "/context"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"context_id": "id"}
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("id", th.UUIDType, required=True, description="Identifies the context."),
        th.Property("name", th.StringType, description="Name of the context."),
        th.Property("created_at", th.DateTimeType, description="When it was made."),
    ).to_dict()

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Name the organization by its id: CircleCI Server does not take slugs here."""
        return {"owner-id": listing.keys["organization_id"]}


class ContextEnvironmentVariables(CircleCIStream):
    """Names of a context's variables (operationId listEnvironmentVariablesFromContext)."""

    name = "context_environment_variables"
    path = "/context/{context_id}/environment-variable"
    primary_keys = ("context_id", "variable")
    parent_stream_type = Contexts
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("context_id", th.UUIDType, required=True, description="Its context."),
        th.Property("variable", th.StringType, required=True, description="Name of the variable."),
        th.Property("truncated_value", th.StringType, description="Its last characters, masked."),
        th.Property("created_at", th.DateTimeType, description="When it was first set."),
        th.Property("updated_at", th.DateTimeType, description="When it was last set."),
    ).to_dict()

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing:
        """Read a list whose end is told by rows alone."""
        return self.listing_below(above, row, keys, pages=partial(self._pages, keys))

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


class ContextRestrictions(CircleCIStream):
    """Who may use a context (operationId getContextRestrictions)."""

    name = "context_restrictions"
    path = "/context/{context_id}/restrictions"
    primary_keys = ("context_id", "id")  # The default one has the organization's id everywhere
    parent_stream_type = Contexts
    schema = th.PropertiesList(
        *of_organization(),
        th.Property("context_id", th.UUIDType, required=True, description="Its context."),
        th.Property("id", th.UUIDType, required=True, description="Identifies it in its context."),
        th.Property("name", th.StringType, description="Name of the project or group."),
        th.Property("project_id", th.UUIDType, description="Project that may use it."),
        th.Property("restriction_type", th.StringType, description="project, expression or group."),
        th.Property("restriction_value", th.StringType, description="Its id, or the expression."),
    ).to_dict()
