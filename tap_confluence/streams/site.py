"""What belongs to the site as a whole: themes, templates, classification levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_tap import Cost, columns
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
    schema = columns.table(
        columns.key("id", "ID of the level."),
        columns.text("status", "DRAFT, PUBLISHED or ARCHIVED."),
        columns.number("order", "Place among the levels."),
        columns.text("name", "Its name."),
        columns.text("description", "What it means."),
        columns.text("guideline", "How to handle such data."),
        columns.text("color", "Its colour."),
    )


class Themes(ConfluenceV1Stream):
    """Themes of the site, the default one aside (getThemes)."""

    name = "themes"
    path = "/settings/theme"
    primary_keys = ("theme_key",)
    limit = 100
    needs = (
        "the scope read:configuration:confluence (or the classic manage:confluence-configuration)"
    )
    schema = columns.table(
        columns.key("theme_key", "Key of the theme."),
        columns.text("name", "Its name."),
        columns.text("description", "What it is like."),
        columns.nested(
            "icon",
            "Its icon.",
            columns.text("path", "Path of the picture."),
            columns.integer("width", "Its width."),
            columns.integer("height", "Its height."),
            columns.boolean("isDefault", "Whether it is the usual."),
        ),
    )


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
    schema = columns.table(
        columns.key("template_id", "ID of the template."),
        columns.nested(
            "original_template",
            "The template that it was made from.",
            columns.text("pluginKey", "App that it comes from."),
            columns.text("moduleKey", "Its key in that app."),
        ),
        columns.text("referencing_blueprint", "Blueprint that uses it."),
        columns.text("name", "Its name."),
        columns.text("description", "What it is for."),
        columns.free_form("space", "Space that it belongs to."),
        columns.nested_list(
            "labels",
            "Labels that pages get from it.",
            columns.text("prefix", "Kind of the label."),
            columns.text("name", "Name of the label."),
            columns.text("id", "ID of the label."),
            columns.text("label", "Prefix and name."),
        ),
        columns.text("template_type", "page, blueprint, ..."),
        columns.text("editor_version", "v1 or v2."),
        columns.nested(
            "body",
            "Its text, unless the setting body_format is none.",
            *(columns.free_form(name, f"The body as {name}.") for name in _FORMATS),
        ),
        columns.nested(
            "_expandable", "What was left out.", columns.text("body", "Path of the body.")
        ),
        columns.free_form("_links", "Paths in the API."),
    )

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
