"""What content is made from: OpenAPI specifications, translations, their glossary, imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from singer_sdk import typing as th

from tap_gitbook.client import GitBookStream
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
    key,
    moment,
    part,
    permissions,
    strings,
    text,
    urls,
    whole,
)
from tap_gitbook.streams.organizations import Organizations
from tap_gitbook.streams.spaces import SPACE_READ

if TYPE_CHECKING:
    from collections.abc import Mapping

    from singer_sdk.helpers.types import Context, Record

OPENAPI_READ = "the OAuth scope openapi:read"
PERSONAL = "a personal token: OAuth tokens are not let in"


class OpenAPISpecs(GitBookStream):
    """OpenAPI specifications of an organization (operationId listOpenAPISpecs)."""

    name = "openapi_specs"
    path = "/orgs/{organization_id}/openapi"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    child_keys: ClassVar[Mapping[str, str]] = {"openapi_spec_id": "id", "spec_slug": "slug"}
    needs = OPENAPI_READ
    schema = th.PropertiesList(
        key("id", "ID of the specification."),
        ORGANIZATION_ID,
        OBJECT,
        CREATED_AT,
        UPDATED_AT,
        text("slug", "Name by which content refers to it."),
        text("source_url", "Where it is fetched from."),
        text("processing_state", "pending, progress or complete."),
        text("visibility", "private or public."),
        text("last_version", "ID of its latest version."),
        moment("last_processed_at", "When it was last processed."),
        text("last_process_error_code", "Why it could not be processed."),
        part(
            "last_processed_errors",
            th.ArrayType(strings("message", "code")),
            "What was wrong with it, the first errors.",
        ),
        whole("last_processed_error_count", "How many errors there were in all."),
        permissions("view", "edit"),
        urls("location", "app", "published"),
    ).to_dict()


class OpenAPISpecVersions(GitBookStream):
    """Versions of an OpenAPI specification (operationId listOpenAPISpecVersions)."""

    name = "openapi_spec_versions"
    path = "/orgs/{organization_id}/openapi/{spec_slug}/versions"
    primary_keys = ("openapi_spec_id", "id")
    parent_stream_type = OpenAPISpecs
    needs = OPENAPI_READ
    schema = th.PropertiesList(
        key("openapi_spec_id", "ID of the specification."),
        key("id", "ID of the version."),
        ORGANIZATION_ID,
        OBJECT,
        CREATED_AT,
        text("url", "Where this version can be fetched."),
        urls("location"),
    ).to_dict()


class Translations(GitBookStream):
    """Translations of spaces into other spaces (operationId listTranslations)."""

    name = "translations"
    path = "/orgs/{organization_id}/translations"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = PERSONAL
    schema = th.PropertiesList(
        key("id", "ID of the translation."),
        ORGANIZATION_ID,
        OBJECT,
        text("status", "pending, running or completed."),
        part("source", strings("space", "language"), "What is translated."),
        text("language", "Language code that it is translated into."),
        part("instructions", JSON_DOCUMENT, "What the translator is told."),
        part("result", strings("space", "revision", "language"), "What came of it."),
        CREATED_AT,
        UPDATED_AT,
        part(
            "stats",
            th.ObjectType(
                *(
                    th.Property(name, th.IntegerType)
                    for name in (
                        "runs",
                        "totalWords",
                        "totalPages",
                        "totalDuration",
                        "latestRunDuration",
                        "latestPages",
                        "latestWords",
                    )
                )
            ),
            "How often it ran, how much it translated, and how long that took.",
        ),
        permissions("view", "edit"),
        urls("location"),
    ).to_dict()


class GlossaryEntries(GitBookStream):
    """Terms and how they are to be translated (operationId listGlossaryEntries)."""

    name = "glossary_entries"
    path = "/orgs/{organization_id}/translations-glossary"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = PERSONAL
    schema = th.PropertiesList(
        key("id", "ID of the entry."),
        ORGANIZATION_ID,
        OBJECT,
        part("translations", TRANSLATED, "The term by language code."),
        CREATED_AT,
        UPDATED_AT,
        urls("location"),
    ).to_dict()


class ImportRuns(GitBookStream):
    """Imports of content from elsewhere (operationId listImportRuns)."""

    name = "import_runs"
    path = "/org/{organization_id}/imports"  # This one list says "org"
    primary_keys = ("id",)
    parent_stream_type = Organizations
    needs = SPACE_READ
    schema = th.PropertiesList(
        key("id", "ID of the import run."),
        ORGANIZATION_ID,
        OBJECT,
        moment("started_at", "When it started."),
        moment("completed_at", "When it was completed."),
        CREATED_AT,
        UPDATED_AT,
        text("status", "pending, in-progress, completed, failed or cancelled."),
        text("reason", "Why it failed."),
        part("source", IMPORT_SOURCE, "Where the content comes from."),
        part("target", IMPORT_TARGET, "Where the content goes."),
        text("site", "ID of the site of the space that it goes to."),
        text("created_by", "ID of the user who started it."),
        urls("location"),
        part("pages", IMPORT_PAGES, "Pages that it brings, and how far each is."),
    ).to_dict()

    def post_process(self, row: Record, context: Context | None = None) -> Record | None:  # noqa: ARG002
        """Keep those into the chosen spaces."""
        space = (row.get("target") or {}).get("space")
        return row if space is None or self._tap.chooses("spaces", space) else None
