"""The core of the sandbox: what a test asks of it happens."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from sandbox import Fault, Request, Response, Router, Sandbox


class Library:
    """A vendor with two endpoints."""

    router = Router("/api")

    def handle(self, request):
        found = self.router.find(request.method, request.raw_path)
        if found is None:
            return Response(404, {"message": "not found"})
        handler, captures = found
        return handler(self, request, **captures)

    @router.get("/books/{title}/pages")
    def pages(self, request, title):
        return Response(200, {"title": title, "query": request.query})

    @router.get("/shelf/{path*}/books")
    def books(self, request, path):
        return Response(200, {"shelf": path})

    @router.post("/books")
    def add(self, request):
        return Response(201, {"added": request.body})

    @router.get("/broken")
    def broken(self, request):
        raise LookupError("a mistake of the sandbox")


@pytest.fixture
def library():
    with Sandbox(Library()) as sandbox:
        yield sandbox


def test_paths_are_matched_raw_and_captured_decoded(library):
    answer = requests.get(f"{library.url}/api/books/gh%2Forg%2Fa%20b/pages?q=&q=a%2Bb", timeout=5)
    assert answer.json() == {"title": "gh/org/a b", "query": {"q": ["", "a+b"]}}
    assert answer.headers["Content-Type"] == "application/json"
    for shelf in ("a/b", "a%2Fb"):
        answer = requests.get(f"{library.url}/api/shelf/{shelf}/books", timeout=5)
        assert answer.json() == {"shelf": "a/b"}
    assert requests.get(f"{library.url}/books/a/pages", timeout=5).status_code == 404
    added = requests.post(f"{library.url}/api/books", json={"a": 1}, timeout=5)
    assert (added.status_code, added.json()) == (201, {"added": {"a": 1}})


def test_requests_are_remembered_and_counted(library):
    requests.get(f"{library.url}/api/books/a/pages", headers={"X-Who": "me"}, timeout=5)
    requests.get(f"{library.url}/elsewhere?a=1", timeout=5)
    first, second = library.requests
    assert (first.number, first.method, first.status) == (1, "GET", 200)
    assert first.headers["x-who"] == "me"
    assert first.started <= first.ended <= second.started
    assert (second.path, second.query, second.status) == ("/elsewhere", {"a": ["1"]}, 404)
    assert (library.count(), library.count("/api/books")) == (2, 1)
    library.clear()
    assert library.count() == 0


def test_any_number_of_requests_wait_at_once(library):
    library.latency = 0.2
    started = time.monotonic()
    with ThreadPoolExecutor(20) as pool:
        urls = [f"{library.url}/api/books/a/pages"] * 20
        assert {answer.status_code for answer in pool.map(requests.get, urls)} == {200}
    assert time.monotonic() - started < 2
    assert library.max_in_flight == 20


def test_faults_come_when_ordered(library):
    url = f"{library.url}/api/books/{'long' * 100}/pages"
    orders = {
        1: Fault.status(503, {"Retry-After": "3"}),
        2: Fault.html(),
        3: Fault.malformed(),
        4: Fault.rate_limited(7),
        5: Fault.slow(0.2),
    }
    library.fault = lambda _request, number: orders.get(number)
    assert requests.get(url, timeout=5).headers["Retry-After"] == "3"
    assert requests.get(url, timeout=5).headers["Content-Type"].startswith("text/html")
    with pytest.raises(requests.JSONDecodeError):
        requests.get(url, timeout=5).json()
    limited = requests.get(url, timeout=5)
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
    started = time.monotonic()
    assert requests.get(url, timeout=5).elapsed.total_seconds() < 0.2  # headers come at once
    assert time.monotonic() - started >= 0.15
    assert requests.get(url, timeout=5).status_code == 200


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault.reset(), requests.ConnectionError),
        (Fault.truncate(), requests.exceptions.ChunkedEncodingError),
    ],
)
def test_connections_break_when_ordered(library, fault, error):
    library.fault = lambda _request, number: fault if number == 1 else None
    with pytest.raises(error):
        requests.get(f"{library.url}/api/books/a/pages", timeout=5)
    assert requests.get(f"{library.url}/api/books/a/pages", timeout=5).status_code == 200


def test_more_than_the_limit_of_a_second_is_refused():
    with Sandbox(Library(), requests_per_second=5) as sandbox:
        statuses = [requests.get(sandbox.url, timeout=5).status_code for _ in range(30)]
    assert 429 in statuses
    for second in {int(asked.started) for asked in sandbox.requests}:
        served = [asked for asked in sandbox.requests if int(asked.started) == second]
        assert sum(asked.status != 429 for asked in served) <= 5


def test_a_vendor_says_in_its_own_words_that_it_is_too_much():
    class Strict(Library):
        def too_many(self, retry_after):
            return Response(429, {}, {"X-Wait": str(retry_after)})

    with Sandbox(Strict(), requests_per_second=0) as sandbox:
        assert requests.get(sandbox.url, timeout=5).headers["X-Wait"] == "1"


def test_answers_are_compressed_on_request():
    with Sandbox(Library(), compress=True) as sandbox:
        answer = requests.get(f"{sandbox.url}/api/books/a/pages", timeout=5)
    assert answer.headers["Content-Encoding"] in ("gzip", "deflate")
    assert answer.json()["title"] == "a"


def test_a_mistake_of_the_sandbox_fails_the_test_that_met_it():
    with pytest.raises(LookupError), Sandbox(Library()) as sandbox:
        assert requests.get(f"{sandbox.url}/api/broken", timeout=5).status_code == 500


def test_a_body_that_is_not_json_is_none():
    assert Request.parse("POST", "/", {}, b"{").body is None
    assert Request.parse("POST", "/", {}, b"a=1&b=").form == {"a": ["1"], "b": [""]}
