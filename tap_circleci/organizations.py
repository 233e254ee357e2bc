"""Which organizations there are, and what is to be said of those that cannot be read."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING, cast

from rest_tap import DeniedError

if TYPE_CHECKING:
    from rest_tap import RestStream, Row
    from tap_circleci.tap import TapCircleCI


class KnownOrganizations:
    """Those of the settings, or those in which the token's user takes part."""

    def __init__(self, run: TapCircleCI) -> None:
        self._run = run
        self._choices = run.choices
        self._asking = threading.Lock()
        self._collaborations: list[Row] | None = None

    @property
    def slugs(self) -> list[str]:
        """The organizations whose lists of pipelines are read where no project is set."""
        return self._choices.org_slugs or [org["slug"] for org in self.collaborations()]

    @property
    def ids(self) -> list[str]:
        """The ids of the organizations that are read."""
        return [org_id for _, org_id in self.pairs]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The slugs and ids of the organizations that are read."""
        pairs = []
        known = {row["slug"]: row.get("id") for row in self.collaborations()}
        for slug in self._choices.owners or known:
            with contextlib.suppress(DeniedError):  # Told, and no reason to leave out others
                pairs.append((slug, str(known.get(slug) or self.ask(slug)["id"])))
        return pairs

    def passes_over(self, org: str) -> bool:
        """Pass over an organization that CircleCI answers 404 for, and tell the user, if it may.

        Nobody set those in which the user takes part, and not all of them need to build there.
        """
        if org in self._choices.org_slugs:
            return False
        self._run.logger.warning(
            "collaborations: CircleCI does not know %s, or not for this token; left out", org
        )
        return True

    def collaborations(self) -> list[Row]:
        """List the organizations in which the token's user takes part, asked for once a run."""
        with self._asking:
            if self._collaborations is None:
                stream = self._stream("collaborations")
                listed = stream.get_json("/me/collaborations")
                self._collaborations = [
                    row
                    for row in listed
                    if isinstance(row, dict) and row.get("slug") and isinstance(row["slug"], str)
                ]
                for _ in range(len(listed) - len(self._collaborations)):
                    stream.count_skipped("row without slug")
                if not self._collaborations and not self._choices.owners:
                    stream.stats.skip("no organization")  # Nor does it tell that all has vanished
                    stream.logger.warning(
                        "collaborations: the token's user takes part in no organization, so "
                        "nothing is read: set project_slugs or org_slugs"
                    )
            return self._collaborations

    def ask(self, slug: str) -> Row:
        """Ask for an organization of which only the slug is known.

        Raises:
            DeniedError: If it is not there for the token, which is told before.
        """
        try:
            row: Row = self._stream("organizations").get_json(f"/organization/{slug}")
        except DeniedError as error:
            hint = f"{error}. Nothing that belongs to this organization is read"
            if slug in self._choices.org_slugs:
                self._run.report_missing("org_slugs", [slug], hint)
            else:
                named_by = "project_slugs" if self._choices.project_slugs else "collaborations"
                self._run.logger.warning("%s: %r: %s", named_by, slug, hint)
            raise
        return row

    def _stream(self, name: str) -> RestStream:
        return cast("RestStream", self._run.streams[name])
