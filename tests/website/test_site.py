"""The site holds a page for each stream, its links lead somewhere, and it fetches nothing."""

import html
import re
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest

from hub.about import TAPS, streams_of
from tests.support import SHARED
from website.__main__ import build
from website.samples import Samples, samples_of

SPECS = SHARED / "specs"
ALL = [(tap, stream) for tap in TAPS for stream in streams_of(tap)]
LOADS = {"script": "src", "img": "src", "iframe": "src", "link": "href", "source": "src"}
WITHOUT_DOCUMENT = {"job_steps", "deployments"}  # Of CircleCI's API v3
BEYOND_THE_CONTRACT = {  # Seen in recordings
    *("sourceTemplateEntityId", "truncated_value", "warnings", "attribution_actor"),
}


class Page(HTMLParser):
    """The links, anchors and loaded files of a page."""

    def __init__(self, path):
        super().__init__()
        self.links, self.anchors, self.loads = [], {""}, []
        self.text = path.read_text()
        self.feed(self.text)

    def handle_starttag(self, tag, attrs):
        told = dict(attrs)
        self.anchors.add(told.get("id", ""))
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        if tag in LOADS and told.get(LOADS[tag]):
            self.loads.append(told[LOADS[tag]])


@pytest.fixture(scope="session")
def samples():
    """What the taps write of the sandbox; the site is built of the same."""
    return {tap: samples_of(tap) for tap in TAPS}


@pytest.fixture(scope="session")
def site(samples, tmp_path_factory):
    """The pages by their paths; warnings of the build are errors."""
    folder = tmp_path_factory.mktemp("site")
    assert build(folder, samples.__getitem__) == 0
    return {path: Page(path) for path in folder.rglob("*.html")}


def page_of(site, tap, name):
    return next(page for path, page in site.items() if path.match(f"reference/{tap}/{name}.html"))


def plain(text):
    """A text without what typography changes."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


def words(page):
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_each_stream_has_a_page_with_its_columns(site):
    for tap, stream in ALL:
        page = words(page_of(site, tap, stream.name))
        for name, column in stream.schema["properties"].items():
            assert name in page
            assert plain(column["description"]) in plain(page)
        for fact in ("endpoint", "key", "bookmark", "cost, in requests", "what it cannot see"):
            assert fact in page


def test_each_stream_leads_to_its_parent_and_children(site):
    for tap, stream in ALL:
        if stream.parent:
            assert f"{stream.parent.name}.html" in page_of(site, tap, stream.name).links
            assert f"{stream.name}.html" in page_of(site, tap, stream.parent.name).links


def test_nearly_every_stream_has_an_example(site, samples):
    without = {s.name for tap, s in ALL if s.name not in samples[tap].rows}
    assert without <= {
        "insights_traffic",  # No vendor serves it any more
        *("embed_restriction_subjects", "whiteboard_restriction_subjects"),
    }
    for tap, stream in ALL:
        assert ("Example" in words(page_of(site, tap, stream.name))) == (stream.name not in without)


def test_links_lead_somewhere(site):
    for path, page in site.items():
        for link in page.links:
            to = urlsplit(link)
            if to.scheme or not link:
                continue
            target = (path.parent / unquote(to.path)).resolve() if to.path else path
            assert target.exists(), f"{path.name}: {link}"
            if target.suffix == ".html" and to.fragment:
                assert unquote(to.fragment) in site[target].anchors, f"{path.name}: {link}"


def test_nothing_is_fetched_to_read_it(site):
    folder = next(path for path in site if path.name == "index.html" and path.parent.name != "x")
    for path, page in site.items():
        for loaded in page.loads:
            assert not urlsplit(loaded).netloc, f"{path.name}: {loaded}"
    for sheet in folder.parent.rglob("*.css"):
        assert not re.search(r"(?:url\(|@import)\s*[\"']?(?:https?:)?//", sheet.read_text())


@pytest.mark.skipif(
    not SPECS.exists(), reason="the vendors' documents are not beside the repository"
)
@pytest.mark.parametrize("tap", TAPS)
def test_the_vendors_fields_are_in_the_vendors_documents(samples, tap):
    vendor = tap.removeprefix("tap-")
    documents = "".join(path.read_text() for path in SPECS.glob(f"{vendor}*.json"))
    for stream in streams_of(tap):
        fields = samples[tap].vendor_names(stream)
        told = {fields[name] for name in stream.schema["properties"] if name in fields}
        unknown = {field for field in told if f'"{field}"' not in documents}
        assert unknown <= BEYOND_THE_CONTRACT or stream.name in WITHOUT_DOCUMENT, stream.name


def test_a_field_that_no_answer_had_is_spelled_as_the_others():
    (stream,) = (stream for stream in streams_of("tap-gitbook") if stream.name == "teams")
    seen = {"id": "id", "created_at": "createdAt"}
    samples = Samples({}, {"teams": ["id", "organization_id"]}, {"/v1/orgs/a/teams": seen})
    names = samples.vendor_names(stream)
    assert "organization_id" not in names  # It had values: the tap made them
    assert names.keys() == stream.schema["properties"].keys() - {"organization_id"} | seen.keys()
    assert not any("_" in name for name in names.values())
