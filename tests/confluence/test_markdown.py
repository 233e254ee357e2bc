"""Bodies as Markdown: each construct in both of the vendor's formats, and hostile bodies."""

import json
import random
import time
from datetime import timedelta

import pytest
from markdown_it import MarkdownIt

from sandbox.faults import Fault
from tap_confluence.markdown import body_to_markdown
from tests.confluence.story import DIAGRAMS
from tests.support import ROOT, SHARED

BODIES = ROOT / "tests" / "confluence" / "bodies"
SAMPLES = SHARED / "facts" / "samples"
CONSTRUCTS = sorted(path.stem for path in BODIES.glob("*.xml"))
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def storage(value):
    return {"storage": {"representation": "storage", "value": value}}


def document(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return {"atlas_doc_format": {"representation": "atlas_doc_format", "value": text}}


def doc(*content):
    return document({"type": "doc", "version": 1, "content": content})


def markdown(body):
    text, is_readable = body_to_markdown(body)
    assert is_readable
    return text


def shown(text):
    """What a reader of rendered Markdown sees: its text, without marks."""
    return "".join(part for token in MARKDOWN.parse(text) for part in shown_of(token))


def shown_of(token):
    if token.children is None:
        return [token.content]
    breaks = {"softbreak", "hardbreak"}
    return ["\n" if part.type in breaks else part.content for part in token.children]


# Each construct


@pytest.mark.parametrize("construct", CONSTRUCTS)
def test_a_construct_of_the_storage_format(construct):
    body = storage((BODIES / f"{construct}.xml").read_text())
    assert markdown(body) + "\n" == (BODIES / f"{construct}.md").read_text()


@pytest.mark.parametrize("construct", [c for c in CONSTRUCTS if (BODIES / f"{c}.json").exists()])
def test_the_same_construct_as_a_document(construct):
    of_its_own = BODIES / f"{construct}.adf.md"
    expected = of_its_own if of_its_own.exists() else BODIES / f"{construct}.md"
    body = document((BODIES / f"{construct}.json").read_text())
    assert markdown(body) + "\n" == expected.read_text()


@pytest.mark.skipif(not SAMPLES.exists(), reason="no samples of bodies beside the repository")
def test_the_samples_say_the_same_in_both_formats():
    for path in sorted(SAMPLES.glob("*.storage.xml")):
        other = path.with_name(path.name.replace("storage.xml", "adf.json"))
        ours, theirs = markdown(storage(path.read_text())), markdown(document(other.read_text()))
        assert "<ac:" not in ours
        for word in words_of(json.loads(other.read_text())):
            assert word in shown(ours), f"{path.name}: {word!r}"
            assert word in shown(theirs), f"{other.name}: {word!r}"


def words_of(node):
    if node["type"] == "text":
        yield from (word for word in node["text"].split() if word.isalnum())
    for child in node.get("content", ()):
        yield from words_of(child)


def test_a_document_counts_where_the_storage_format_is_empty():
    of_document = doc({"type": "paragraph", "content": [{"type": "text", "text": "Born here."}]})
    assert markdown(storage(" ") | of_document) == "Born here."
    assert markdown(of_document) == "Born here."
    assert markdown(storage("<p>First.</p>") | of_document) == "First."
    assert markdown(storage("")) == ""
    assert [markdown(body) for body in (None, {}, {"storage": None}, "text")] == [None] * 4


# Text stays text


@pytest.mark.parametrize("seed", range(200))
def test_no_text_becomes_markup(seed):
    rng = random.Random(seed)
    alphabet = "ab1 *_`~#-+>|=<&;:.()[]!\\{}\"'\n"
    text = " ".join("".join(rng.choices(alphabet, k=rng.randrange(1, 40))).split())
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    paragraph = markdown(storage(f"<p>{escaped}</p>"))
    assert shown(paragraph) == text, paragraph
    assert [token.type for token in MARKDOWN.parse(paragraph)] == (
        ["paragraph_open", "inline", "paragraph_close"] if text else []
    )
    item = markdown(storage(f"<ul><li>a</li><li>{escaped}<br/>{escaped}</li></ul>"))
    assert shown(item) == "a" + "\n".join(filter(None, (text, text))), item
    cell = markdown(storage(f"<table><tr><th>h</th></tr><tr><td>x {escaped}</td></tr></table>"))
    assert shown(cell) == f"hx {text}".strip(), cell
    heading = markdown(storage(f"<h2>x {escaped}</h2>"))
    assert shown(heading) == f"x {text}".strip(), heading
    code = markdown(storage(f"<pre>{escaped}</pre>"))
    assert shown(code).strip() == text, code


# Bodies that are not as they should be


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (storage("<p>Not <b>closed</p>"), "Not closed"),
        (storage("<p>One</p><p>two &amp; three"), "One\n\ntwo & three"),
        (storage("<p>a & b *c*</p>"), r"a & b \*c\*"),
        (storage('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><p>&e;</p>'), None),
        (storage('<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><p>&b;</p>'), None),
        (storage("<ul><li>" * 5000 + "deep" + "</li></ul>" * 5000), "deep"),
        (storage("<div>" * 50_000 + "deep" + "</div>" * 50_000), "deep"),
        (storage("<ac:macro><![CDATA[code"), "code"),
        (document("{nonsense"), "{nonsense"),
        (document('{"type": "doc", "content": ["' + '{"text": "kept"}'), "kept"),
        (document({"type": "doc", "content": [{"type": "text", "text": 7}]}), None),
        (document('{"content":[' * 5000 + '{"text":"deep"}' + "]}" * 5000), "deep"),
        (document("[]"), r"\[\]"),
    ],
)
def test_a_body_that_cannot_be_read_is_plain_text(body, text):
    found, is_readable = body_to_markdown(body)
    assert not is_readable
    assert text is None or found == text
    assert "root:" not in found
    assert "haha" not in found


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>a\x00b\x0bc\ud800</p>", "abc"),
        ("<p><at:var at:name='x'/>A prefix that nobody declared</p>", None),
        ("<p>&nbsp;caf&eacute; &rarr; &LT;b&GT; <![CDATA[&rarr;]]></p>", r"café → \<b> \&rarr;"),
        ('<p><ac:link><ri:page ri:content-title="&Uuml;ber"/></ac:link></p>', "[Über](page:/Über)"),
        ("<td>a</td><li>b</li><ac:task/><ac:link/><ac:image/>", "a\n\n- b"),
        ("<ul>text</ul><table>text</table><h1/><ac:structured-macro/>", "`{}`"),
        ('<table><tr><td colspan="x" rowspan="-1">a</td></tr></table>', "|  |\n| --- |\n| a |"),
    ],
)
def test_a_body_that_is_odd_is_read(body, text):
    found = markdown(storage(body))
    assert text is None or found == text


@pytest.mark.parametrize(
    "body",
    [
        storage("<" * 500_000),
        storage("<![CDATA[" * 100_000),
        storage("&x" * 200_000),
        storage("<p>" + "`" * 500_000 + "</p>"),
        storage("<p>" + "\\_*" * 200_000 + "</p>"),
        storage("<p>" + " \n" * 500_000 + "</p>"),
        storage("<p>" + "1" * 500_000 + "</p>"),
        storage("<p>word</p>" * 50_000),
        storage("<ul>" + "<li>word</li>" * 50_000 + "</ul>"),
        storage("<p>" + "a<br/>" * 100_000 + "</p>"),
        storage("<table>" + "<tr><td rowspan='99' colspan='99999'>x</td></tr>" * 1000 + "</table>"),
        storage("<strong>" * 300 + "x" + "</strong>" * 300),
        document('{"text":"' * 100_000),
        doc(*[{"type": "paragraph", "content": [{"type": "text", "text": "word"}]}] * 20_000),
    ],
    ids=lambda body: str(body)[-60:-30],
)
def test_no_body_takes_longer_than_its_size_explains(body):
    began = time.process_time()
    text, _ = body_to_markdown(body)
    assert time.process_time() - began < 10
    assert len(text) < 20 * len(str(body))


# In the tap


@pytest.fixture
def story(play):
    story = play(pages=30, blog_posts=5, footer_comments=10, inline_comments=5, nodes=8)
    story.config |= {"custom_content_types": [DIAGRAMS]}
    return story


STREAMS = ("pages", "blog_posts", "footer_comments", "inline_comments", "custom_content")


def test_content_and_comments_come_as_markdown_at_no_request_more(story):
    plain = story.run(*STREAMS)
    asked = sorted(str((each.path, each.query)) for each in story.sandbox.requests)
    run = story.run(*STREAMS, body_format="markdown")
    assert sorted(str((each.path, each.query)) for each in story.sandbox.requests) == asked
    for stream in STREAMS:
        assert run.records(stream)
        for before, row in zip(plain.records(stream), run.records(stream), strict=True):
            text = row.pop("body_markdown")
            assert before.pop("body_markdown", None) is None
            assert before == row
            assert f"<p>{text}</p>".replace(" & ", " &amp; ") == row["body"]["storage"]["value"]


def test_what_cannot_be_read_is_counted_and_does_not_fail(story):
    broken, born, *_ = (p for p in story.site.pages.items.values() if p.status == "current")
    broken.text = "<p>Not <b>closed</p>"
    born.document = '{"type": "doc", "version": 1, "content": []}'
    run = story.run("pages", body_format="markdown")
    rows = {row["id"]: row for row in run.records("pages")}
    assert rows[broken.id]["body_markdown"] == "Not closed"
    assert rows[broken.id]["body"]["storage"]["value"] == broken.text
    assert rows[born.id]["body_markdown"] == ""
    assert f"the body of {broken.id} cannot be read, its Markdown is plain text" in run.stderr
    assert "1 value mended in 1 column: body_markdown" in run.stderr


def test_what_was_not_written_again_is_not_counted_again(story):
    pages = [page for page in story.site.pages.items.values() if page.status == "current"]
    broken, edited = sorted(pages, key=lambda page: page.modified)[-2:]
    broken.text = "<p>Not <b>closed</p>"
    assert "1 value mended" in story.sync("pages", body_format="markdown").stderr
    story.site.now += timedelta(days=1)
    story.site.change(edited, "<p>New.</p>")
    run = story.sync("pages", body_format="markdown")
    assert [row["body_markdown"] for row in run.records("pages")] == ["New."]
    assert "mended" not in run.stderr


def test_a_document_that_is_sent_along_is_read_where_there_is_no_storage_format(story):
    body = storage("") | doc({"type": "paragraph", "content": [{"type": "text", "text": "New."}]})
    row = {"id": "1", "status": "current", "title": "Born in the new editor", "body": body}
    row["version"] = {"number": 1, "createdAt": "2026-01-01T00:00:00.000Z"}
    answer = Fault.status(200, body={"results": [row], "_links": {}})
    story.sandbox.fault = lambda asked, _: answer if asked.path.endswith("/pages") else None
    run = story.run("pages", body_format="markdown", page_statuses=["current"])
    assert {row["body_markdown"] for row in run.records("pages")} == {"New."}


def test_versions_and_tasks_stay_in_the_storage_format(story):
    run = story.run("tasks", "page_versions", body_format="markdown")
    for row in run.records("tasks"):
        assert set(row["body"]) == {"storage"}
    for row in run.records("page_versions"):
        assert set(row["page"]["body"]) == {"storage"}
