"""What content is made from: OpenAPI specifications, translations, their glossary, imports."""

from __future__ import annotations

import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk import typing as th

from rest_tap import StreamError, columns
from rest_tap.endless import EndGuard
from tap_gitbook.client import GitBookStream, WaitingStream
from tap_gitbook.schemas import (
    CREATED_AT,
    IMPORT_PAGES,
    IMPORT_SOURCE,
    IMPORT_TARGET,
    JSON_DOCUMENT,
    OBJECT,
    ORGANIZATION_ID,
    TRANSLATED,
    UPDATED_AT,
    permissions,
    strings,
    urls,
)
from tap_gitbook.streams.organizations import Organizations
from tap_gitbook.streams.spaces import SPACE_READ

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Listing, Row

OPENAPI_READ = "the OAuth scope openapi:read"
PERSONAL = "a personal token: OAuth tokens are not let in"


class SharedStream(GitBookStream):
    """A list of an organization that `content` looks into as well: it is read once a run."""

    parent_stream_type = Organizations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lock = threading.Lock()
        self._pages: dict[str, list[list[Row]]] = {}
        self._errors: dict[str, StreamError] = {}

    def listing_for(self, row: Row, keys: Mapping[str, Any], above: Listing) -> Listing | None:
        """Read the pages that are shared."""
        organization_id = keys["organization_id"]
        return self.listing_below(
            above, row, keys, pages=lambda: iter(self.pages_of(organization_id))
        )

    def pages_of(self, organization_id: str) -> list[list[Row]]:
        """Read the list of an organization, with the vendor's names.

        Raises:
            StreamError: If it cannot be had.
        """
        with self._lock:
            if error := self._errors.get(organization_id):
                raise error
            if organization_id not in self._pages:
                try:
                    self._pages[organization_id] = [*self._read(organization_id)]
                except StreamError as error:
                    self._errors[organization_id] = error
                    raise
            return self._pages[organization_id]

    def _read(self, organization_id: str) -> Iterator[list[Row]]:
        listing = self.listing(keys={"organization_id": organization_id})
        paginator, guard = self.get_new_paginator(), EndGuard(self.url_of(listing))
        while not paginator.finished:
            token = paginator.current_value
            guard.check_token(token)
            response = self.send(partial(self.request_for, listing, token), self.parse_response)
            rows = [*self.parse_response(response)]
            guard.check_page(rows)
            yield rows
            with contextlib.suppress(RuntimeError):  # The SDK's word for a token that repeats
                paginator.advance(response)

    def find(self, organization_id: str, column: str, value: str) -> Row | None:
        """Find a row by one of its fields; None if there is none, or the list cannot be had."""
        try:
            pages = self.pages_of(organization_id)
        except StreamError:
            return None
        rows = (row for page in pages for row in page if isinstance(row, dict))
        return next((row for row in rows if row.get(column) == value), None)


class OpenAPISpecs(SharedStream):
    """OpenAPI specifications of an organization (operationId listOpenAPISpecs)."""

    name = "openapi_specs"
    path = "/orgs/{organization_id}/openapi"
    primary_keys = ("id",)
    child_keys: ClassVar[Mapping[str, str]] = {"openapi_spec_id": "id", "spec_slug": "slug"}
    needs = OPENAPI_READ
    schema = columns.table(
        columns.key("id", "ID of the specification."),
        ORGANIZATION_ID,
        OBJECT,
        CREATED_AT,
        UPDATED_AT,
        columns.text("slug", "Name by which content refers to it."),
        columns.text("source_url", "Where it is fetched from."),
        columns.text("processing_state", "pending, progress or complete."),
        columns.text("visibility", "private or public."),
        columns.text("last_version", "ID of its latest version."),
        columns.timestamp("last_processed_at", "When it was last processed."),
        columns.text("last_process_error_code", "Why it could not be processed."),
        columns.column(
            "last_processed_errors",
            th.ArrayType(strings("message", "code")),
            "What was wrong with it, the first errors.",
        ),
        columns.integer("last_processed_error_count", "How many errors there were in all."),
        permissions("view", "edit"),
        urls("location", "app", "published"),
    )


class OpenAPISpecVersions(WaitingStream):
    """Versions of an OpenAPI specification (operationId listOpenAPISpecVersions)."""

    name = "openapi_spec_versions"
    path = "/orgs/{organization_id}/openapi/{spec_slug}/versions"
    primary_keys = ("openapi_spec_id", "id")
    parent_stream_type = OpenAPISpecs
    marks = ("updated_at",)
    needs = OPENAPI_READ
    schema = columns.table(
        columns.key("openapi_spec_id", "ID of the specification."),
        columns.key("id", "ID of the version."),
        ORGANIZATION_ID,
        OBJECT,
        CREATED_AT,
        columns.text("url", "Where this version can be fetched."),
        urls("location"),
    )


class Translations(SharedStream):
    """Translations of spaces into other spaces (operationId listTranslations)."""

    name = "translations"
    path = "/orgs/{organization_id}/translations"
    primary_keys = ("id",)
    needs = PERSONAL
    schema = columns.table(
        columns.key("id", "ID of the translation."),
        ORGANIZATION_ID,
        OBJECT,
        columns.text("status", "pending, running or completed."),
        columns.column("source", strings("space", "language"), "What is translated."),
        columns.text("language", "Language code that it is translated into."),
        columns.column("instructions", JSON_DOCUMENT, "What the translator is told."),
        columns.column("result", strings("space", "revision", "language"), "What came of it."),
        CREATED_AT,
        UPDATED_AT,
        columns.nested(
            "stats",
            "How often it ran, how much it translated, and how long that took.",
            *(
                columns.integer(name)
                for name in (
                    "runs",
                    "totalWords",
                    "totalPages",
                    "totalDuration",
                    "latestRunDuration",
                    "latestPages",
                    "latestWords",
                )
            ),
        ),
        permissions("view", "edit"),
        urls("location"),
    )


class GlossaryEntries(GitBookStream):
    """Terms and how they are to be translated (operationId listGlossaryEntries)."""

    name = "glossary_entries"
    path = "/orgs/{organization_id}/translations-glossary"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = PERSONAL
    schema = columns.table(
        columns.key("id", "ID of the entry."),
        ORGANIZATION_ID,
        OBJECT,
        columns.column("translations", TRANSLATED, "The term by language code."),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    )


class ImportRuns(GitBookStream):
    """Imports of content from elsewhere (operationId listImportRuns)."""

    name = "import_runs"
    path = "/org/{organization_id}/imports"  # This one list says "org"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = SPACE_READ
    schema = columns.table(
        columns.key("id", "ID of the import run."),
        ORGANIZATION_ID,
        OBJECT,
        columns.timestamp("started_at", "When it started."),
        columns.timestamp("completed_at", "When it was completed."),
        CREATED_AT,
        UPDATED_AT,
        columns.text("status", "pending, in-progress, completed, failed or cancelled."),
        columns.text("reason", "Why it failed."),
        columns.column("source", IMPORT_SOURCE, "Where the content comes from."),
        columns.column("target", IMPORT_TARGET, "Where the content goes."),
        columns.text("site", "ID of the site of the space that it goes to."),
        columns.text("created_by", "ID of the user who started it."),
        urls("location"),
        columns.column("pages", IMPORT_PAGES, "Pages that it brings, and how far each is."),
    )

    def post_process(self, row: Record, context: Context | None = None) -> Record | None:  # noqa: ARG002
        """Keep those into the chosen spaces."""
        space = (row.get("target") or {}).get("space")
        return row if space is None or self.run.chooses("spaces", space) else None
