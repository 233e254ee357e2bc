"""A site that people edit, and the tables that tap-confluence fills from it."""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache

from tap_confluence.tap import TapConfluence
from tests.support import TapProcess

DIAGRAMS = "ac:com.example.diagrams:diagram"
POLLS = "ac:com.example.polls:poll"
CONTENT = ("pages", "blog_posts", "attachments", "footer_comments", "inline_comments")


@cache
def catalog():
    """The catalog, which does not depend on settings."""
    tap = TapConfluence(config={"domain": "acme.atlassian.net", "access_token": "none-yet"})
    return json.dumps(tap.catalog_dict)


class Story:
    """A site that people edit, and tables that hold what the tap has written so far."""

    def __init__(self, site, sandbox, folder):
        self.site = site
        self.folder = folder
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
    def streams(self):
        """The names of all streams."""
        return [entry["tap_stream_id"] for entry in selecting(())["streams"]]

    @property
    def secrets(self):
        known = self.credentials
        return (known.api_token, known.scoped_token, known.service_token, known.client_secret)

    def run(self, *select, state=None, status=0, arguments=(), **settings):
        """Run the tap; the requests of this run alone stand in `asked` then."""
        run = self.start(*select, state=state, arguments=arguments, **settings).wait()
        assert run.status == status, run.stderr
        for secret in self.secrets:
            assert secret.encode() not in run.stdout
            assert secret not in run.stderr
        return run

    def start(self, *select, state=None, arguments=(), **settings):
        """Start the tap with these streams selected, or those that are by default."""
        config = {**self.config, **settings}
        chosen = selecting(select) if select else None
        self.sandbox.clear()
        files = {"config": config, "state": state, "catalog": chosen}
        return TapProcess("confluence", self.folder, *arguments, **files)

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


def selecting(streams):
    """A catalog with these streams selected; all of them for "all"."""
    chosen = json.loads(catalog())
    for entry in chosen["streams"]:
        for metadata in entry["metadata"]:
            if not metadata["breadcrumb"]:
                is_chosen = streams == ("all",) or entry["tap_stream_id"] in streams
                metadata["metadata"]["selected"] = is_chosen
    return chosen


def some(table, status="current", count=1):
    """The first things of a table that have a status."""
    return [item for item in table.items.values() if item.status == status][:count]


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
