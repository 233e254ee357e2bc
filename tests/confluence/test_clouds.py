"""Each of Atlassian's clouds has a gateway and a log-in server of its own."""

from __future__ import annotations

import pytest

from rest_tap import ConfigError
from tap_confluence.address import Address

GOVERNMENT = "acme.atlassian-us-gov-mod.net"
GOVERNMENT_LOG_IN = "https://auth.atlassian-us-gov-mod.com"
GOVERNMENT_GATEWAY = "https://api.atlassian-us-gov-mod.com"
LOG_IN = "https://auth.atlassian.com"


@pytest.mark.parametrize(
    ("settings", "auth_url"),
    [
        ({"domain": "acme.atlassian.net"}, LOG_IN),
        ({"base_url": "https://acme.jira.com/wiki"}, LOG_IN),
        ({"cloud_id": "1-2"}, LOG_IN),
        ({"base_url": "https://wiki.acme.example"}, LOG_IN),
        ({"base_url": "https://atlassian-us-gov-mod.net.acme.example"}, LOG_IN),
        ({"domain": GOVERNMENT}, GOVERNMENT_LOG_IN),
        ({"domain": GOVERNMENT.upper()}, GOVERNMENT_LOG_IN),
        ({"base_url": f"https://{GOVERNMENT}/wiki/"}, GOVERNMENT_LOG_IN),
        ({"base_url": f"{GOVERNMENT_GATEWAY}/ex/confluence/1-2"}, GOVERNMENT_LOG_IN),
        ({"cloud_id": "1-2", "gateway_url": GOVERNMENT_GATEWAY}, GOVERNMENT_LOG_IN),
        (
            {"domain": GOVERNMENT, "auth_url": "https://sso.acme.example"},
            "https://sso.acme.example",
        ),
    ],
)
def test_the_log_in_server_is_that_of_the_sites_cloud(settings, auth_url):
    assert Address(settings).auth_url == auth_url


def test_the_gateway_is_that_of_the_log_in_servers_cloud():
    wiki = Address({"cloud_id": "1-2", "auth_url": GOVERNMENT_LOG_IN}).wiki
    assert wiki == f"{GOVERNMENT_GATEWAY}/ex/confluence/1-2/wiki"


@pytest.mark.parametrize(
    "settings",
    [
        {"domain": GOVERNMENT, "auth_url": LOG_IN},
        {"domain": GOVERNMENT, "gateway_url": "https://api.atlassian.com"},
        {"domain": "acme.atlassian.net", "gateway_url": GOVERNMENT_GATEWAY},
        {"base_url": "https://acme.atlassian.net", "auth_url": GOVERNMENT_LOG_IN},
        {"cloud_id": "1-2", "gateway_url": GOVERNMENT_GATEWAY, "auth_url": LOG_IN},
    ],
)
def test_credentials_of_one_cloud_are_not_shown_to_another(settings):
    with pytest.raises(ConfigError, match="are not shown to the other") as error:
        Address(settings)
    setting = str(error.value).partition(":")[0]
    assert setting in {"gateway_url", "auth_url"}
    assert len(str(error.value)) <= 300
