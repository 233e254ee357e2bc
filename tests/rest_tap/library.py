"""A vendor and its tap that only these tests know: a library of shelves, books and copies."""

from __future__ import annotations

import functools
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from singer_sdk import typing as th
from singer_sdk.pagination import BaseAPIPaginator

from rest_tap import (
    HeaderCredentials,
    LookupStream,
    Order,
    RestStream,
    RestTap,
    json_of,
    shared_settings,
)
from rest_tap.http.rate_limiter import RateLimiter
from rest_tap.settings import TEN_YEARS
from sandbox import Request, Response, Router

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
CLI = "from tests.rest_tap.library import TapLibrary; TapLibrary.cli()"
TOKEN = "library-token-7301"
MOST = 5  # Rows of a page that is asked for whole, which the library may give more or fewer of


class Library:
    """Shelves hold books, books have copies; pages of five."""

    router = Router("")

    def __init__(self, shelves=10, books=1, copies=1):
        self.books = {f"s{s}": [f"s{s}b{b}" for b in range(books)] for s in range(shelves)}
        self.copies = copies
        self.moved = dict.fromkeys(self.books, 0)  # Shelf -> minutes since the epoch
        self.page = 5
        self.forbidden: set[str] = set()
        self.breaking: set[str] = set()  # Rows that break a page with details
        self.tokens = {TOKEN}
        self.staff_only = "staff only"

    def handle(self, request: Request) -> Response:
        if request.headers.get("Authorization") not in {f"Bearer {t}" for t in self.tokens}:
            return Response(401, {"message": "who are you?"})
        found = self.router.find(request.method, request.raw_path)
        if not found:
            return Response(404, {"message": "no such thing"})
        handler, captures = found
        if self.forbidden & set(captures.values()):
            return Response(403, {"message": self.staff_only})
        return handler(self, request, **captures)

    def _list(self, request, rows):
        start = int(request.first("cursor") or 0)
        limit = int(request.first("limit") or MOST)
        end = start + (self.page if limit == MOST else min(limit, self.page))
        page = rows[start:end]
        if "detail" in request.query and self.breaking & {row["id"] for row in page}:
            return Response(500, {"message": "too much detail"})
        return Response(body={"rows": page, "next": str(end) if end < len(rows) else None})

    def shelf(self, shelf):
        return {"id": shelf, "movedAt": when(self.moved[shelf]), "keeperId": f"k{shelf[-1]}"}

    @router.get("/shelves")
    def shelves(self, request):
        newest_first = request.first("order") == "-moved"
        shelves = sorted(self.books, key=lambda s: (self.moved[s], s), reverse=newest_first)
        return self._list(request, [self.shelf(shelf) for shelf in shelves])

    @router.get("/shelves/{shelf}")
    def one_shelf(self, request, shelf):
        return Response(500) if shelf in self.breaking else Response(body=self.shelf(shelf))

    @router.get("/shelves/{shelf}/books")
    def books_of(self, request, shelf):
        return self._list(request, [{"id": book, "isOut": False} for book in self.books[shelf]])

    @router.get("/shelves/{shelf}/notes")
    def notes_of(self, request, shelf):
        return self._list(request, [{"id": f"{shelf}n"}])

    @router.get("/books/{book}/copies")
    def copies_of(self, request, book):
        return self._list(request, [{"id": f"{book}c{n}"} for n in range(self.copies)])

    @router.get("/keepers/{ids}")
    def keepers(self, request, ids):
        return Response(body={"rows": [{"id": keeper} for keeper in ids.split(",")]})


def when(minutes):
    return (EPOCH + timedelta(minutes=minutes)).isoformat()


class _Cursor(BaseAPIPaginator):
    def __init__(self):
        super().__init__(None)

    def get_next(self, response):
        return json_of(response).get("next")


class LibraryStream(RestStream):
    records_key = "rows"

    @property
    def url_base(self):
        return self.config["base_url"]

    def get_new_paginator(self):
        return _Cursor()

    def page_params(self, token):
        return {"cursor": token}


def schema(*names, **kinds):
    properties = [th.Property(name, th.StringType) for name in names]
    properties += [th.Property(name, kind) for name, kind in kinds.items()]
    return th.PropertiesList(*properties).to_dict()


class DetailedStream(LibraryStream):
    """A list whose pages may be smaller, and whose rows may come without details."""

    optional_params = frozenset({"detail"})

    def page_params(self, token):
        return {**super().page_params(token), "limit": MOST}


class Shelves(DetailedStream):
    """Shelves, newest first after the first run."""

    name = "shelves"
    path = "/shelves"
    primary_keys = ("id",)
    replication_key = "moved_at"
    newest_first = True
    child_keys = {"shelf_id": "id"}  # noqa: RUF012
    mentions = {"keepers": ("keeper_id",)}  # noqa: RUF012
    schema = schema("id", "keeper_id", moved_at=th.DateTimeType)

    def rounds(self):
        order = Order.OLDEST_FIRST if self.bookmarks.start() is None else Order.NEWEST_FIRST
        yield [self.listing(order=order)]

    def query(self, listing):
        order = "-moved" if listing.order is Order.NEWEST_FIRST else "moved"
        return {"detail": "all", "order": order}


class Books(LibraryStream):
    """Books of shelves that moved."""

    name = "books"
    path = "/shelves/{shelf_id}/books"
    primary_keys = ("id",)
    parent_stream_type = Shelves
    parent_cursor = "moved_at"
    child_keys = {"book_id": "id"}  # noqa: RUF012
    schema = schema("id", "shelf_id", is_out=th.BooleanType)


class Copies(LibraryStream):
    """Copies of books."""

    name = "copies"
    path = "/books/{book_id}/copies"
    primary_keys = ("id",)
    parent_stream_type = Books
    parent_cursor = None
    keeps_last_run = True
    schema = schema("id", "shelf_id", "book_id")


class Notes(LibraryStream):
    """Notes on shelves; the stream does not remember what it has read."""

    name = "notes"
    path = "/shelves/{shelf_id}/notes"
    primary_keys = ("id",)
    parent_stream_type = Shelves
    selected_by_default = False
    schema = schema("id", "shelf_id")


class Catalogue(DetailedStream):
    """All shelves again, in full at every run."""

    name = "catalogue"
    path = "/shelves"
    primary_keys = ("id",)
    schema = schema("id", "keeper_id", moved_at=th.DateTimeType)
    needs = "a reader's card"

    def query(self, listing):
        return {"detail": "all"}


class Keepers(LookupStream, LibraryStream):
    """The keepers whom shelves name."""

    name = "keepers"
    path = "/keepers/{ids}"
    primary_keys = ("id",)
    batch_size = 3
    schema = schema("id")

    @staticmethod
    def quote(name, value):
        return value

    def get_new_paginator(self):
        return None

    def page_params(self, token):
        return {}

    def url_of(self, listing):
        return self.get_url({"ids": ",".join(listing.keys["ids"])})


class TapLibrary(RestTap):
    """The library."""

    name = "tap-library"
    config_jsonschema = th.PropertiesList(
        th.Property("token", th.StringType, required=True, secret=True),
        th.Property("base_url", th.StringType, required=True),
        th.Property("lookback", th.NumberType(minimum=0, maximum=TEN_YEARS), default=0),
        *shared_settings("tap-library"),
    ).to_dict()

    @property
    def authenticator(self):
        return HeaderCredentials(
            lambda: self.config["base_url"],
            "Authorization",
            lambda: f"Bearer {self.config['token']}",
            "token: the library does not know it; ask at the desk",
        )

    def discover_streams(self):
        return [kind(self) for kind in (Shelves, Books, Copies, Notes, Catalogue, Keepers)]


class TapInAHurry(TapLibrary):
    """The library's tap, which backs off a tenth as long: for requests that fail for ever."""

    @functools.cached_property
    def rate_limiter(self):
        return RateLimiter(sleep=lambda seconds: time.sleep(seconds / 10))


def config(url, **more):
    return {"token": TOKEN, "base_url": url, **more}


def call(*arguments):
    return subprocess.run(
        [sys.executable, "-c", CLI, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def told(run):
    """The one line of an error, without its time and logger."""
    assert run.status == 1
    assert "Traceback" not in run.stderr
    assert len(run.errors) == 1, run.stderr
    return run.errors[0].split("| ", 3)[3]
