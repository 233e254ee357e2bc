"""What all streams of GitBook share: address, pages, parents' keys and rate limits."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cached_property
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import DeniedError, RestStream, StreamError, json_of, message_of
from rest_tap.state import TEXT
from tap_gitbook.marks import Marks, mark_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    import requests
    from singer_sdk.helpers.types import Context, Record

    from rest_tap import Listing, Row
    from rest_tap.state import Kind
    from tap_gitbook.tap import TapGitBook

PageToken = tuple[tuple[str, str], ...]
"""The parameters, beside those of the list, that lead to a further page."""


OF_PLANS = {HTTPStatus.PAYMENT_REQUIRED, HTTPStatus.PRECONDITION_FAILED}
RIGHTS = re.compile("permission|scope|not allowed|forbidden|unauthori", re.IGNORECASE)
"""What the message of a 500 says that is no fault, but a right that lacks."""

INTERNAL = "internal_"
"""How the names of fields begin that GitBook keeps for itself."""


def without_internal(value: Any) -> Any:
    """Leave out such fields, at any depth."""
    if isinstance(value, dict):
        return {
            name: without_internal(part)
            for name, part in value.items()
            if not name.startswith(INTERNAL)
        }
    return [without_internal(item) for item in value] if isinstance(value, list) else value


class NextPage(BaseAPIPaginator[PageToken | None]):
    """Follows `next.page` until `next`, or what is in it, is absent, null or empty.

    Args:
        on_short: Is called where a list ends before as many rows came as its `count` tells.
    """

    def __init__(self, on_short: Callable[[], object] = bool) -> None:
        super().__init__(None)
        self._on_short = on_short
        self._rows = 0

    def get_next(self, response: requests.Response) -> PageToken | None:
        """Read the way to the next page."""
        body = json_of(response)
        following = body.get("next") if isinstance(body, dict) else None
        page = following.get("page") if isinstance(following, dict) else None
        if isinstance(body, dict) and isinstance(items := body.get("items"), list):
            self._rows += len(items)
            count = body.get("count")
            if not page and isinstance(count, int) and self._rows < count:
                self._on_short()
        return (("page", page),) if page else None


class GitBookStream(RestStream):
    """A list of GitBook's API."""

    records_key: str | None = "items"
    page_size: int | None = 1000
    """Rows a page, the most that the vendor gives; None where the list takes no limit."""

    @property
    def run(self) -> TapGitBook:
        """The run, with what the streams share in it."""
        return cast("TapGitBook", super().run)

    @property
    def url_base(self) -> str:
        """The API's address."""
        return self.run.base_url

    def get_new_paginator(self) -> NextPage:
        """Page by token; a list without pages simply has no next one."""
        return NextPage(lambda: self.count_skipped("list that ends before its count"))

    def page_params(self, token: PageToken | None) -> Mapping[str, Any]:
        """Ask for one page, as large as the list allows."""
        limit = {"limit": self.page_size} if self.page_size else {}
        return {**limit, **dict(token or ())}

    def parse_response(self, response: requests.Response) -> Iterable[Record]:
        """Take the list out of an answer, without what GitBook marks as its own affair."""
        rows = super().parse_response(response)
        return without_internal(rows) if INTERNAL.encode() in response.content else rows

    def validate_response(self, response: requests.Response) -> None:
        """Sort the answers that are not rows.

        Raises:
            DeniedError: Also where a plan or a right lacks, which is told by 402, 412 and 500.
            StreamError: 404 for a list that every token has: rather the address is wrong.
        """
        message = message_of(response)
        is_of_rights = response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR and RIGHTS.search(
            message
        )
        if response.status_code in OF_PLANS or is_of_rights:
            needs = f" (it needs {self.needs})" if self.needs and is_of_rights else ""
            raise DeniedError(f"{message}{needs}", HTTPStatus.FORBIDDEN)
        if response.status_code == HTTPStatus.NOT_FOUND and "{" not in self.path:
            raise StreamError(
                f"{message_of(response)}. Check base_url ({self.url_base}): it "
                "must be all of the API's address, such as https://api.gitbook.com/v1",
                HTTPStatus.NOT_FOUND,
            )
        super().validate_response(response)


class WaitingStream(GitBookStream):
    """A list of each parent that nothing tells all changes of: it is read whole when it is due.

    In between it is read of those parents whose row proves a change, by `parent_cursor` or `marks`.
    """

    is_read_when_due = True
    lookback = timedelta()  # Parents tell when they changed, not late
    state_keys: ClassVar[Mapping[str, Kind]] = {"marks": TEXT.spare()}

    marks: tuple[str, ...] | None = None
    """Columns of the parent, beside its id, that prove a change if they are others than before."""

    @cached_property
    def _marks(self) -> Marks:
        return Marks(self.bookmarks.held().get("marks") or "")

    def _mark_of(self, parent: Row) -> str:
        return mark_of(parent.get("id"), *(parent.get(name) for name in self.marks or ()))

    def may_have_changed(self, parent: Row, keys: Mapping[str, Any]) -> bool:
        """Tell whether the parent's row is another than in the last run."""
        if super().may_have_changed(parent, keys):
            return True
        mark = self._mark_of(parent)
        is_known = self.marks is None or self._marks.is_known(mark)
        if is_known:
            self._marks.keep(mark)
        return not is_known

    def listing_below(
        self, above: Listing, row: Row, keys: Mapping[str, Any], **given: Any
    ) -> Listing:
        """Remember the parent's row when its list was read."""
        mark = self._mark_of(row)
        return super().listing_below(above, row, keys, done=lambda: self._marks.keep(mark), **given)

    def stream_done(self) -> None:
        """Let the next run know the parents' rows."""
        if self.marks is not None:
            self.bookmarks.state()["marks"] = str(self._marks)


class ChosenStream(GitBookStream):
    """A list of which a setting may choose some rows by their ids."""

    setting: ClassVar[str]
    derived_columns = ()  # An ID is looked at before the row is taken

    def post_process(self, row: Record, context: Context | None = None) -> Record | None:  # noqa: ARG002
        """Keep what is chosen."""
        if not self.run.chooses(self.setting, row.get("id")):
            return None
        self.run.mark_found(self.setting, row.get("id"))
        return row

    def stream_done(self) -> None:
        """Name the chosen IDs that the token does not see.

        They count as left out, so that a slip in the settings makes no rows vanish downstream.
        """
        if missing := self.run.not_found(self.setting):
            hint = "the token's user does not see it, or it does not exist"
            self.run.report_missing(self.setting, missing, hint)
            self.stats.skipped["chosen, but not seen"] += len(missing)
