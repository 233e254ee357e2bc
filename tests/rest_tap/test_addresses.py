"""Addresses as users write them, and values that would lead to other places."""

from __future__ import annotations

import pytest

from rest_tap import ConfigError, StreamError, checked_url, path_value
from rest_tap.http.addresses import encoded, is_loopback, origin_of


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://acme.example", "https://acme.example"),
        (" https://acme.example/wiki/ ", "https://acme.example/wiki"),
        ("HTTPS://ACME.Example/Wiki", "https://acme.example/Wiki"),
        ("https://acme.example:443/a", "https://acme.example/a"),
        ("https://acme.example:8443", "https://acme.example:8443"),
        ("https://acme.example/a%2fb", "https://acme.example/a%2Fb"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("https://BÜCHER.example", "https://xn--bcher-kva.example"),
        ("http://LOCALHOST:80/v1", "http://localhost/v1"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("HTTP://[::1]:8000/", "http://[::1]:8000"),
        ("http://api.localhost:8000", "http://api.localhost:8000"),
        ("https://acme.example?", "https://acme.example"),
    ],
)
def test_an_address_has_one_form_however_it_is_written(written, read):
    assert checked_url("base_url", written) == read
    assert encoded(f"{read}/spaces").startswith(f"{read}/")


@pytest.mark.parametrize(
    "written",
    [
        *("acme.example", "https://", "https:///wiki", "ftp://acme.example", "https:acme.example"),
        *("http://[::1", "http://[::1]x", "https://[v1.x]/", "https://acme .example"),
        *("https://acme.example:0", "https://acme.example:99999", "https://acme.example:port"),
        *("https://acme.example\\.other.example", "https://ac\nme.example", "https://*.example"),
        *("https://.example", "https://" + "a" * 64 + ".example", "https://acme..example", ""),
        *("https://127.0.0.1%2fapi", "https://acme.example/a/../b", "https://acme.example/./b"),
        "https%3A%2F%2Facme.example",
    ],
)
def test_what_is_no_address_is_told_in_one_line(written):
    with pytest.raises(ConfigError, match=r"base_url: .* is not a URL; write it as https://host"):
        checked_url("base_url", written)


@pytest.mark.parametrize("written", ["https://me:pass-word@acme.example", "https://@acme.example"])
def test_no_credentials_are_written_into_an_address(written):
    with pytest.raises(ConfigError, match="write no user name or password") as caught:
        checked_url("base_url", written)
    assert "pass-word" not in str(caught.value)


@pytest.mark.parametrize(
    "written", ["http://acme.example", "HTTP://ACME.EXAMPLE", "http://127.0.0.1.example"]
)
def test_http_is_for_this_machine_only(written):
    with pytest.raises(ConfigError, match="http would send the credentials in clear text to"):
        checked_url("base_url", written)


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_value_that_leads_elsewhere_is_refused(value):
    with pytest.raises(StreamError, match="is no name that can be asked for"):
        path_value(value)
    with pytest.raises(StreamError):
        path_value(f"gh/{value}/web", safe="/")


@pytest.mark.parametrize("path", ["/..", "/a/../b", "/./b", "/a/.."])
def test_no_path_leads_elsewhere(path):
    with pytest.raises(StreamError, match=r"'\.\.?' is no name that can be asked for"):
        encoded(f"https://acme.example{path}?b=..")


@pytest.mark.parametrize(
    ("value", "safe", "quoted"),
    [
        ("a/b c", "", "a%2Fb%20c"),
        ("gh/a b/c", "/", "gh/a%20b/c"),
        ("...", "", "..."),
        ("a..b", "", "a..b"),
        ("%2e%2e", "", "%252e%252e"),
        ("ü", "", "%C3%BC"),
        ("../x", "", "..%2Fx"),
        (" ", "", "%20"),
    ],
)
def test_a_value_is_encoded_for_its_place(value, safe, quoted):
    assert path_value(value, safe) == quoted


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        *(("localhost", True), ("LocalHost:80", True), ("127.9.9.9", True), ("[::1]:8", True)),
        *(("a.localhost", True), ("localhost.example", False), ("128.0.0.1", False)),
        *(("[::2]", False), ("mylocalhost", False)),
    ],
)
def test_this_machine_is_known_by_all_its_names(host, expected):
    assert is_loopback(host) == expected


def test_an_origin_is_compared_in_one_form():
    assert origin_of("HTTPS://Acme.example:443/a?b#c") == "https://acme.example"
    assert origin_of("https://acme.example:444/") == "https://acme.example:444"
    assert origin_of("javascript:alert(1)") == origin_of("http://[::1") == origin_of("/a") == ""
