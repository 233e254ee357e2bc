"""Requests go through TLS that is verified, and through the proxy that the environment names."""

import pytest

from tests.security.network import Proxy, Relay, authority

HOST = "wiki.acme.example"  # Exists nowhere: whoever gets there went through the proxy


@pytest.fixture
def trusted(tmp_path):
    return authority(tmp_path)


@pytest.fixture
def tls(site, trusted):
    """The vendor behind TLS, with a certificate for this machine's name and for HOST."""
    certificate = trusted[0].issue_cert("localhost", HOST)
    with Relay(site.sandbox.url, certificate=certificate) as relay:
        yield relay


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_private_authority_is_trusted_if_the_environment_says_so(site, tls, trusted, variable):
    run = site.run(at=f"https://localhost:{tls.port}", env={variable: str(trusted[1])})
    assert run.status == 0, run.stderr
    assert run.of("RECORD")


def test_an_unknown_authority_is_refused_before_anything_is_told(site, tls):
    run = site.run(at=f"https://localhost:{tls.port}")
    assert run.status == 1
    (line,) = run.errors
    assert f"the TLS certificate of localhost:{tls.port} cannot be verified" in line
    assert "REQUESTS_CA_BUNDLE" in line
    assert site.sandbox.requests == []


def test_a_certificate_of_another_host_is_refused(site, trusted):
    with Relay(site.sandbox.url, certificate=trusted[0].issue_cert("acme.example")) as tls:
        run = site.run(
            at=f"https://localhost:{tls.port}", env={"REQUESTS_CA_BUNDLE": str(trusted[1])}
        )
    assert run.status == 1
    assert "cannot be verified" in run.errors[0]
    assert site.sandbox.requests == []


def test_the_proxy_of_the_environment_is_used_and_sees_no_credentials(site, tls, trusted):
    with Proxy(f"https://localhost:{tls.port}") as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        env = {"HTTPS_PROXY": address, "https_proxy": address}
        env["REQUESTS_CA_BUNDLE"] = str(trusted[1])
        run = site.run(at=f"https://{HOST}", env=env)
    assert run.status == 0, run.stderr
    assert run.of("RECORD")
    assert proxy.asked
    for head in proxy.asked:
        assert head.startswith(f"CONNECT {HOST}:443 ")
        assert "authorization" not in head.lower()
        assert not any(secret in head for secret in site.secrets)


def test_no_proxy_is_used_where_the_environment_excepts_the_host(site, tls, trusted):
    with Proxy(f"https://localhost:{tls.port}") as proxy:
        env = {
            "HTTPS_PROXY": f"http://127.0.0.1:{proxy.port}",
            "NO_PROXY": "localhost",
            "REQUESTS_CA_BUNDLE": str(trusted[1]),
        }
        run = site.run(at=f"https://localhost:{tls.port}", env=env)
    assert run.status == 0, run.stderr
    assert proxy.asked == []


@pytest.mark.parametrize("form", ["HTTP://LOCALHOST", "http://LocalHost", "http://127.0.0.1"])
def test_credentials_reach_the_vendor_however_its_address_is_written(site, form):
    run = site.run(at=f"{form}:{site.sandbox.url.rpartition(':')[2]}")
    assert run.status == 0, run.stderr
    assert run.of("RECORD")


def test_what_is_on_this_machine_is_never_asked_through_a_proxy(site):
    with Proxy(site.sandbox.url) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        run = site.run(env={"HTTP_PROXY": address, "http_proxy": address})
    assert run.status == 0, run.stderr
    assert proxy.asked == []


@pytest.mark.parametrize("form", ["http://[::1", "https://", "https://acme.example:port"])
def test_an_address_that_is_none_is_told_in_one_line(site, form):
    run = site.run(at=form)
    assert run.status == 1
    (line,) = run.errors
    assert "base_url: " in line
    assert "is not a URL; write it as https://host/path" in line
