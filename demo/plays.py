"""What happens in the demo: a made-up site for each tap, and what people do on it between runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sandbox import confluence

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox import Vendor


@dataclass
class Play:
    """One tap's part of the demo."""

    tap: str
    vendor: Vendor
    config: Callable[[str], dict[str, Any]]
    """The tap's settings for a site that is played at a URL."""
    edit: Callable[[], list[str]]
    """Changes the site, and says what happened."""
    own_site: tuple[str, ...]
    """The settings with which a user reads a site of their own."""


def confluence_play() -> Play:
    """A wiki of five spaces whose people write, archive, label and comment."""
    vendor = confluence.build(pages=2_000, blog_posts=150, attachments=600, footer_comments=1_500)
    site = vendor.site

    def edit() -> list[str]:
        site.now = datetime.now(UTC)
        current = [page for page in site.pages.items.values() if page.status == "current"]
        space = next(iter(site.spaces.items.values()))
        for page in current[100:112]:
            site.change(page)
        new = [site.add_page(space, title=f"Minutes of meeting {n}") for n in range(1, 6)]
        for page in current[200:203]:
            site.trash(page)
        site.archive(current[210])
        for page in new[:4]:
            site.add_label(page, "meeting")
        for page in current[300:307]:
            site.add_comment(page)
        return [
            "12 pages edited, 5 added, 3 trashed, 1 archived",
            "4 pages labelled, 7 comments added",
        ]

    return Play(
        "tap-confluence",
        vendor,
        confluence.config,
        edit,
        (
            "TAP_CONFLUENCE_BASE_URL=https://acme.atlassian.net/wiki",
            "TAP_CONFLUENCE_EMAIL=you@acme.example",
            "TAP_CONFLUENCE_API_TOKEN=...",
        ),
    )


PLAYS: tuple[Callable[[], Play], ...] = (confluence_play,)
