"""What belongs to the site as a whole: themes, templates, classification levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from singer_sdk import typing as th

from rest_tap import Cost
from tap_confluence import schemas
from tap_confluence.client import ConfluenceStream, ConfluenceV1Stream

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from rest_tap import Listing


class ClassificationLevels(ConfluenceStream):
    """Levels by which data is classified, on plans that have them (getClassificationLevels)."""

    name = "classification_levels"
    path = "/classification-levels"
    primary_keys = ("id",)
    records_key = None
    paged = False
    selected_by_default = False  # Most plans have none, and answer 404
    needs = "the scope read:configuration:confluence, and a plan with data classification"
    schema = th.PropertiesList(
        schemas.identifier("id", "ID of the level."),
        th.Property("status", th.StringType, description="DRAFT, PUBLISHED or ARCHIVED."),
        th.Property("order", th.NumberType, description="Place among the levels."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("description", th.StringType, description="What it means."),
        th.Property("guideline", th.StringType, description="How to handle such data."),
        th.Property("color", th.StringType, description="Its colour."),
    ).to_dict()


class Themes(ConfluenceV1Stream):
    """Themes of the site, the default one aside (getThemes)."""

    name = "themes"
    path = "/settings/theme"
    primary_keys = ("theme_key",)
    limit = 100
    needs = (
        "the scope read:configuration:confluence (or the classic manage:confluence-configuration)"
    )
    schema = th.PropertiesList(
        schemas.identifier("theme_key", "Key of the theme."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("description", th.StringType, description="What it is like."),
        th.Property(
            "icon",
            th.ObjectType(
                th.Property("path", th.StringType, description="Path of the picture."),
                th.Property("width", th.IntegerType, description="Its width."),
                th.Property("height", th.IntegerType, description="Its height."),
                th.Property("isDefault", th.BooleanType, description="Whether it is the usual."),
            ),
            description="Its icon.",
        ),
    ).to_dict()


_FORMATS = (
    "view",
    "export_view",
    "styled_view",
    "storage",
    "editor",
    "editor2",
    "wiki",
    "atlas_doc_format",
    "anonymous_export_view",
)


class Templates(ConfluenceV1Stream):
    """Templates of the site and of the wanted spaces, and those that blueprints bring.

    The operationIds are getContentTemplates and getBlueprintTemplates.
    """

    name = "templates"
    path = "/template/{kind}"
    if_forbidden = if_missing = Cost.NAMED_LIST
    primary_keys = ("template_id",)
    needs = (
        "the scopes read:template:confluence and read:content-details:confluence "
        "(or the classic read:confluence-content.summary)"
    )
    schema = th.PropertiesList(
        schemas.identifier("template_id", "ID of the template."),
        th.Property(
            "original_template",
            th.ObjectType(
                th.Property("pluginKey", th.StringType, description="App that it comes from."),
                th.Property("moduleKey", th.StringType, description="Its key in that app."),
            ),
            description="The template that it was made from.",
        ),
        th.Property("referencing_blueprint", th.StringType, description="Blueprint that uses it."),
        th.Property("name", th.StringType, description="Its name."),
        th.Property("description", th.StringType, description="What it is for."),
        th.Property("space", schemas.open_object(), description="Space that it belongs to."),
        th.Property(
            "labels",
            th.ArrayType(
                th.ObjectType(
                    th.Property("prefix", th.StringType, description="Kind of the label."),
                    th.Property("name", th.StringType, description="Name of the label."),
                    th.Property("id", th.StringType, description="ID of the label."),
                    th.Property("label", th.StringType, description="Prefix and name."),
                )
            ),
            description="Labels that pages get from it.",
        ),
        th.Property("template_type", th.StringType, description="page, blueprint, ..."),
        th.Property("editor_version", th.StringType, description="v1 or v2."),
        th.Property(
            "body",
            th.ObjectType(
                *(
                    th.Property(name, schemas.open_object(), description=f"The body as {name}.")
                    for name in _FORMATS
                )
            ),
            description="Its text, unless the setting body_format is none.",
        ),
        th.Property(
            "_expandable",
            th.ObjectType(th.Property("body", th.StringType, description="Path of the body.")),
            description="What was left out.",
        ),
        th.Property("_links", schemas.open_object(), description="Paths in the API."),
    ).to_dict()

    def rounds(self) -> Iterator[Iterable[Listing]]:
        """Read templates of the site, then of each wanted space."""
        kinds = ("page", "blueprint")
        keys = self.space_filter.true_keys(self)
        spaces: list[dict[str, str]] = [{}, *({"spaceKey": key} for key in keys)]
        yield [self.listing(keys={"kind": kind, **space}) for space in spaces for kind in kinds]

    def query(self, listing: Listing) -> Mapping[str, Any]:
        """Ask for the bodies too, which API v1 only has in storage format here."""
        expand = "body" if self.body_format else None
        return {"spaceKey": listing.keys.get("spaceKey"), "expand": expand}
