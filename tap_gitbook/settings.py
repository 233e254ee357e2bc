"""The settings of the tap, those that all three taps share aside."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from rest_tap.settings import TEN_YEARS, text_setting
from tap_gitbook.buckets import INTERVALS

IDS = th.ArrayType(th.StringType)


def _chosen(name: str, things: str, consequence: str) -> th.Property[Any]:
    return th.Property(
        name,
        IDS,
        title=name.capitalize(),
        description=f"IDs of the {things} to read; all that the token sees if it is not set. "
        + consequence,
        examples=[["aBcDeFgHiJkLmNoPqRsT"]],
    )


SETTINGS: tuple[th.Property[Any], ...] = (
    text_setting(
        "access_token",
        "Access token",
        "A personal access token (GitBook: your avatar, Settings, Developer settings), or an "
        "access token of an OAuth application. It is sent as a Bearer token.",
        "gb_api_...",
        secret=True,
    ),
    text_setting(
        "client_id",
        "Client ID",
        "ID of an OAuth application, with refresh_token instead of access_token.",
        "AbCdEf123456",
    ),
    text_setting(
        "client_secret", "Client secret", "Its secret, if it has one.", "abc...", secret=True
    ),
    text_setting(
        "refresh_token",
        "Refresh token",
        "What the application got with a user's consent; access tokens are made from it.",
        "abc...",
        secret=True,
    ),
    text_setting(
        "oauth_token_file",
        "OAuth token file",
        "Where the newest refresh token is kept, as it may be replaced at each use. Only its owner "
        "can read the file, and runs may share it. Needed with refresh_token if there is to be a "
        "second run.",
        "/var/lib/tap-gitbook/token.json",
    ),
    text_setting(
        "auth_url",
        "Authorization URL",
        "Address of the log-in server, for proxies and tests.",
        "https://oauth.gitbook.com",
    ),
    th.Property(
        "base_url",
        th.StringType,
        default="https://api.gitbook.com/v1",
        title="Base URL",
        description="Address of the API, for proxies and tests.",
        examples=["https://api.gitbook.com/v1"],
    ),
    _chosen("organizations", "organizations", "Spaces and sites are looked for in these only."),
    _chosen(
        "spaces", "spaces", "It also restricts change requests and imports to those of the spaces."
    ),
    _chosen("sites", "sites", "An ID is the last part of the site's address in GitBook."),
    th.Property(
        "page_format",
        th.StringType(allowed_values=["markdown", "document"]),
        default="markdown",
        title="Page format",
        description="Format of the bodies of pages, comments, replies and reviews: `markdown`, or "
        "`document`, GitBook's own tree of nodes.",
        examples=["markdown"],
    ),
    th.Property(
        "change_request_details",
        th.ArrayType(th.StringType(allowed_values=["draft", "open", "archived", "merged"])),
        default=["draft", "open", "archived", "merged"],
        title="Change request details",
        description="Statuses of the change requests whose reviews, requested reviewers and "
        "comments are read: up to three requests each in every run. The change requests "
        "themselves are always read, whatever their status.",
        examples=[["draft", "open"]],
    ),
    th.Property(
        "insights_interval",
        th.StringType(allowed_values=list(INTERVALS)),
        default="day",
        title="Insights interval",
        description="Length of time that one row of `site_insights` counts.",
        examples=["day"],
    ),
    th.Property(
        "insights_event_types",
        th.ArrayType(th.StringType),
        title="Insights event types",
        description="Kinds of events that `site_insights` counts, such as page_view, "
        "search_type_query or ask_question; all kinds if it is not set.",
        examples=[["page_view", "ask_question"]],
    ),
    th.Property(
        "lookback",
        th.IntegerType(minimum=0, maximum=TEN_YEARS),
        default=3 * 24 * 3600,
        title="Look-back",
        description="Seconds before the bookmark from which on `site_insights` and `audit_events` "
        "are read again, for what GitBook counts or lists late. The default is three days.",
        examples=[259200],
    ),
)
