from __future__ import annotations

import pytest

from sandbox.confluence import Confluence, Site
from tests.sandbox.confluence_client import Client


@pytest.fixture
def site():
    return Site.generate(7)


@pytest.fixture
def vendor(site):
    return Confluence(site)


@pytest.fixture
def client(vendor):
    return Client(vendor)
