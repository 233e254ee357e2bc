"""GitBook, played: organizations, spaces, change requests, sites and what happens to them."""

from __future__ import annotations

from sandbox.gitbook.build import build, config
from sandbox.gitbook.truth import truth
from sandbox.gitbook.vendor import Access, GitBook

__all__ = ["Access", "GitBook", "build", "config", "truth"]
