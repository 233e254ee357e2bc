"""Connections are looked up, and those whom they trust are read, once."""

from __future__ import annotations

import pytest
import requests

from rest_tap import ConfigError
from rest_tap.http import session as connections
from rest_tap.http.addresses import encoded
from rest_tap.http.session import Session


@pytest.fixture(autouse=True)
def _nothing_read_yet():
    connections._trusted.cache_clear()
    yield
    connections._trusted.cache_clear()


def connections_to(url, session):
    request = requests.Request("GET", url).prepare()
    return session.get_adapter(url).get_connection_with_tls_context(request, verify=True)


def test_all_connections_share_the_authorities_that_they_trust():
    first, second = (connections_to("https://api.example/a", Session()) for _ in range(2))
    assert first is not second
    assert first.conn_kw["ssl_context"] is second.conn_kw["ssl_context"]
    assert first.cert_reqs == "CERT_REQUIRED"
    assert first.conn_kw["ssl_context"].get_ca_certs()


def test_nothing_is_read_for_a_host_without_tls():
    assert connections_to("http://127.0.0.1:1/a", Session()).conn_kw.get("ssl_context") is None
    assert connections._trusted.cache_info().currsize == 0


def test_each_host_has_its_own_connections():
    session = Session()
    one, other = "https://api.example/", "https://api.example.org/"
    to_one, to_other = connections_to(f"{one}a", session), connections_to(f"{other}a", session)
    assert (to_one.host, to_other.host) == ("api.example", "api.example.org")
    assert connections_to(f"{other}b", session) is to_other
    assert connections_to(f"{one}b", session) is to_one


@pytest.mark.parametrize("content", [None, "not a certificate"])
def test_a_wrong_bundle_is_named(monkeypatch, tmp_path, content):
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    with pytest.raises(ConfigError, match=r"REQUESTS_CA_BUNDLE: no certificates in .*bundle\.pem"):
        connections_to("https://api.example/a", Session())


def test_a_folder_of_certificates_is_taken_too(monkeypatch, tmp_path):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path))
    assert connections_to("https://api.example/a", Session()).conn_kw["ssl_context"]


@pytest.mark.parametrize(
    "host", ["https://API.example", "http://127.0.0.1:80", "https://ü.example"]
)
@pytest.mark.parametrize(
    "path",
    [
        *("", "/", "/v2/me", "/v2/me/", "//", "/v2//me", "/a.b/c-d_e", "/1", "/v2/me\n"),
        *("/a/.b", "/%41", "/%2F%e9", "/~a", "/a b", "/é", "/a:b@c", "/a..b/..c"),
        *("?a=/b", "/a?b=/c", "/a#b", "/a?b#c", "/#", "/a/?x=é"),
    ],
)
def test_addresses_are_encoded_as_requests_does_it(host, path):
    request = requests.PreparedRequest()
    request.prepare_url(f"{host}{path}", None)
    assert encoded(f"{host}{path}") == request.url
    assert Session().get_adapter(request.url).request_url(request, {}) == request.path_url


@pytest.mark.parametrize(
    "url", ["api.example/v2", "https:///v2", "https://*.example/v2", "https://"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(requests.RequestException):
        encoded(url)
