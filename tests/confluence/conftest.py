"""A site, and a warehouse that tap-confluence fills from it."""

from __future__ import annotations

from collections import defaultdict

import pytest

from sandbox.confluence import Confluence, Site
from sandbox.server import Sandbox
from tests.support import discover, run_tap

DIAGRAMS = "ac:com.example.diagrams:diagram"
POLLS = "ac:com.example.polls:poll"
CONTENT = ("pages", "blog_posts", "attachments", "footer_comments", "inline_comments")


class Story:
    """A site that people edit, and tables that hold what the tap has written so far."""

    def __init__(self, site, sandbox):
        self.site = site
        self.sandbox = sandbox
        self.vendor = sandbox.vendor
        self.credentials = self.vendor.credentials
        self.config = {
            "base_url": f"{sandbox.url}/wiki",
            "email": self.credentials.email,
            "api_token": self.credentials.api_token,
        }
        self.tables = defaultdict(dict)
        self.state = None

    @property
    def secrets(self):
        known = self.credentials
        return (known.api_token, known.scoped_token, known.service_token, known.client_secret)

    def run(self, *select, state=None, status=0, catalog=None, **settings):
        """Run the tap; the requests of this run alone stand in `asked` then."""
        config = {**self.config, **settings}
        if select and select != ("all",):
            catalog = selecting(discover("confluence", config), select)
        elif select:
            catalog = selecting(discover("confluence", config), None)
        self.sandbox.clear()
        run = run_tap("confluence", config, state=state, catalog=catalog, secrets=self.secrets)
        assert run.status == status, run.stderr
        return run

    def sync(self, *select, **settings):
        """Run the tap from where it ended last time, and load what it writes."""
        run = self.run(*select, state=self.state, **settings)
        run.load(self.tables)
        self.state = run.state
        return run

    def asked(self, path=""):
        """How many requests the last run made below a path of API v2."""
        return self.sandbox.count(f"/wiki/api/v2{path}")

    def has(self, stream, content):
        """The status of a row in the tables; None if it is not there."""
        return self.tables[stream].get((content.id,), {}).get("status")

    def differences(self, *streams):
        """What the tables hold otherwise than the site."""
        truth = self.site.truth()
        return {
            stream: wrong
            for stream in streams
            if (wrong := dict(_differences(self.tables[stream], truth[stream])))
        }


def selecting(catalog, streams):
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                chosen = streams is None or entry["tap_stream_id"] in streams
                metadata["metadata"]["selected"] = chosen
    return catalog


def _differences(ours, theirs):
    for key in ours.keys() | theirs.keys():
        if key not in ours or key not in theirs:
            yield key, "missing" if key not in ours else "too much"
            continue
        row = ours[key] | {"version_number": (ours[key].get("version") or {}).get("number")}
        wrong = {
            name: (row.get(name), value)
            for name, value in theirs[key].items()
            if row.get(name) != value
        }
        if wrong:
            yield key, wrong


@pytest.fixture
def play():
    """Play a site; it is closed when the test ends."""
    opened = []

    def start(site=None, *, seed=1, **sizes):
        site = site or Site.generate(seed, **sizes)
        sandbox = Sandbox(Confluence(site))
        opened.append(sandbox)
        return Story(site, sandbox.__enter__())

    yield start
    for sandbox in opened:
        sandbox.__exit__(None, None, None)
