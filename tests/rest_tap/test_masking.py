"""Secrets inside of the data are masked, and nothing that a contract names is."""

from __future__ import annotations

import pytest
from singer_sdk import typing as th

from rest_tap.masking import Finder, Masker

ADDRESS = "https://hooks.acme.example/build?secret=s3cr3t&branch=main"
MASKED = "https://hooks.acme.example/build?secret=***&branch=main"


@pytest.fixture
def told():
    return []


@pytest.fixture
def mask(told):
    """Mask a row of columns of these kinds."""

    def mask(row, **kinds):
        schema = th.PropertiesList(*(th.Property(name, kind) for name, kind in kinds.items()))
        masker = Masker(schema.to_dict(), lambda *what: told.append(what))
        (done,) = masker.mask([row], has_addresses=True)
        assert masker.mask([done], has_addresses=True) == [done], "masking twice changes nothing"
        return done

    return mask


FREE = th.ObjectType(additional_properties=True)
DESCRIBED = th.ObjectType(th.Property("token", th.StringType), additional_properties=True)


def test_free_form_objects_are_looked_through_at_all_depths(mask, told):
    given = {
        "url": "https://acme.example",
        "oauth_credentials": {"access_token": "s1", "expires_at": "2026-04-01", "scopes": ["s2"]},
        "steps": [{"with": {"apiKey": "s3", "retries": 3}}, {"X-Amz-Signature": "s4"}],
        "env": [{"name": "DB_PASSWORD", "value": "s5"}, {"name": "HOME", "value": "/root"}],
        "inputs": [{"key": "x", "value": "s6", "secret": True}],
        "headers": ["Authorization: Bearer s7", "Accept: text/html"],
        "nested": '{"clientSecret": "s8"}',
        "pem": "-----BEGIN PRIVATE KEY-----\ns9",
        "password": 1234,
    }
    masked = mask({"configuration": given}, configuration=FREE)["configuration"]
    assert masked == {
        "url": "https://acme.example",
        "oauth_credentials": {
            "access_token": "***",
            "expires_at": "2026-04-01",
            "scopes": ["***"],
        },
        "steps": [{"with": {"apiKey": "***", "retries": 3}}, {"X-Amz-Signature": "***"}],
        "env": [{"name": "DB_PASSWORD", "value": "***"}, {"name": "HOME", "value": "/root"}],
        "inputs": [{"key": "x", "value": "***", "secret": True}],
        "headers": ["Authorization: Bearer ***", "Accept: text/html"],
        "nested": '{"clientSecret":"***"}',
        "pem": "***",
        "password": "***",
    }
    assert given["password"] == 1234, "what others hold stays as it is"
    assert told == [("configuration", 10)]


def test_what_only_tells_of_a_secret_stays(mask, told):
    given = {
        "token_type": "bearer",
        "tokenExpiresAt": "2026-04-01",
        "max_tokens": 5,
        "author": "a",
        "password": None,
        "apiKey": "",
        "password_required": "yes",
        "key": "ENG",
        "keys": ["ENG"],
        "pass_rate": 0.5,
        "design": "x",
    }
    assert mask({"meta": given}, meta=FREE) == {"meta": given}
    assert told == []


def test_what_people_write_stays(mask, told):
    leaf = {"object": "leaf", "text": "API_TOKEN=your-token", "title": "Authorization: Basic x"}
    assert mask({"nodes": [leaf]}, nodes=th.ArrayType(FREE)) == {"nodes": [leaf]}
    assert told == []


def test_a_contract_names_its_columns_and_parts(mask, told):
    row = {"key": "ENG", "token": "shown", "part": {"token": "shown", "apiToken": "s1"}}
    masked = mask(row, key=th.StringType, token=th.StringType, part=th.ArrayType(DESCRIBED))
    assert masked == row
    masked = mask(row, key=th.StringType, token=th.StringType, part=DESCRIBED)
    assert masked == {**row, "part": {"token": "shown", "apiToken": "***"}}
    assert told == [("part", 1)]


def test_a_value_is_secret_if_the_name_beside_it_says_so(mask):
    kinds = {"key": th.StringType, "value": th.CustomType({})}
    assert mask({"key": "api-token", "value": "s1"}, **kinds)["value"] == "***"
    assert mask({"key": "editor", "value": "v2"}, **kinds)["value"] == "v2"


def test_addresses_are_masked_in_all_texts(mask, told):
    kinds = {"url": th.StringType, "urls": th.ArrayType(th.StringType), "body": th.StringType}
    row = {"url": ADDRESS, "urls": [ADDRESS], "body": f"<p>See {ADDRESS}</p>"}
    assert mask(row, **kinds) == {**row, "url": MASKED, "urls": [MASKED]}
    assert told == [("url", 1), ("urls", 1)]


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("https://a.example/?a=1;token=s&b", "https://a.example/?a=1;token=***&b"),
        ("https://a.example/#access_token=s&a=1", "https://a.example/#access_token=***&a=1"),
        ("https://a.example/#/x?sig=s", "https://a.example/#/x?sig=***"),
        ("https://a.example/?%74oken=s", "https://a.example/?%74oken=***"),
        ("https://a.example/?token[]=s", "https://a.example/?token[]=***"),
        ("https://ada:s@a.example/x", "https://ada:***@a.example/x"),
        ("https://s@a.example/x.git", "https://***@a.example/x.git"),
        ("postgres://ada:p@s@a.example/db", "postgres://ada:***@a.example/db"),
        (
            "https://a.example/?to=https%3A%2F%2Fb.example%3Ftoken%3Ds",
            "https://a.example/?to=https%3A%2F%2Fb.example%3Ftoken%3D***",
        ),
        (
            "/download/x?X-Amz-Credential=s&X-Amz-Expires=5",
            "/download/x?X-Amz-Credential=***&X-Amz-Expires=5",
        ),
        *[(text, text) for text in ("ssh://git@a.example/x", "https://a.example/?page=2", "a:b")],
    ],
)
def test_what_is_secret_in_an_address(address, masked):
    assert Finder().text(address) == masked
    assert Finder().text(masked) == masked
