"""Confluence Cloud, played from its published contract.

`Site.generate` fills a site from a seed; `Confluence` puts it behind the vendor's addresses.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.confluence.auth import Authority, Credentials
from sandbox.confluence.site import Site
from sandbox.confluence.vendor import Confluence

__all__ = ["Authority", "Confluence", "Credentials", "Site", "build", "config"]


def build(seed: int = 1, *, now: datetime | None = None, **sizes: int) -> Confluence:
    """Return a generated site whose newest content is of today, unless told otherwise."""
    return Confluence(Site.generate(seed, now=now or datetime.now(UTC), **sizes))


def config(url: str) -> dict[str, Any]:
    """Return a configuration of tap-confluence for a site that is played at this URL."""
    credentials = Credentials()
    return {
        "base_url": f"{url}/wiki",
        "email": credentials.email,
        "api_token": credentials.api_token,
    }
