"""The settings, beside those that the three taps share."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from rest_tap.settings import TEN_YEARS, text_setting

STATUSES = ("current", "archived", "trashed", "deleted")


SETTINGS: list[th.Property[Any]] = [
    text_setting(
        "base_url",
        "Base URL",
        "Address of the site, with or without /wiki. Set this, domain or cloud_id.",
        "https://acme.atlassian.net/wiki",
    ),
    text_setting(
        "domain", "Domain", "Host name of the site, instead of base_url.", "acme.atlassian.net"
    ),
    text_setting(
        "cloud_id",
        "Cloud ID",
        "Cloud ID of the site, instead of base_url, to go through Atlassian's gateway at once. "
        "https://<site>/_edge/tenant_info shows it.",
        "0a1b2c3d-1111-2222-3333-444455556666",
    ),
    text_setting("email", "E-mail", "Whose API token it is.", "ada@acme.example"),
    text_setting(
        "api_token",
        "API token",
        "API token of that account, classic or with scopes. With scopes it goes through the "
        "gateway, which the tap finds by itself.",
        "ATATT3x...",
        secret=True,
    ),
    text_setting(
        "access_token",
        "Access token",
        "Token that is sent as Bearer, such as a service account's, instead of email and "
        "api_token.",
        "ATSTT3x...",
        secret=True,
    ),
    text_setting(
        "client_id",
        "Client ID",
        "ID of an OAuth 2.0 app or of a service account's OAuth credential, instead of the above.",
        "AbCdEf123456",
    ),
    text_setting("client_secret", "Client secret", "Its secret.", "ATOA...", secret=True),
    text_setting(
        "refresh_token",
        "Refresh token",
        "For an app on behalf of a user (3LO). Without it, client credentials are used.",
        "eyJ...",
        secret=True,
    ),
    text_setting(
        "oauth_token_file",
        "OAuth token file",
        "Where the newest refresh token is kept, as Atlassian replaces it at each use. Only its "
        "owner can read the file, and runs may share it. Needed with refresh_token if there is to "
        "be a second run.",
        "/var/lib/tap-confluence/token.json",
    ),
    text_setting(
        "auth_url",
        "Authorization URL",
        "Address of the log-in server; that of the site's cloud if it is not set. The Government "
        "Cloud has https://auth.atlassian-us-gov-mod.com.",
        "https://auth.atlassian.com",
    ),
    text_setting(
        "gateway_url",
        "Gateway URL",
        "Address of the gateway; that of the site's cloud if it is not set. With cloud_id, set it "
        "for the Government Cloud: https://api.atlassian-us-gov-mod.com.",
        "https://api.atlassian.com",
    ),
    th.Property(
        "spaces",
        th.ArrayType(th.StringType),
        title="Spaces",
        description="Keys of the spaces to read, or the aliases in their addresses; all that the "
        "credentials can see if not set.",
        examples=[["ENG", "HR"]],
    ),
    th.Property(
        "page_statuses",
        th.ArrayType(th.StringType(allowed_values=list(STATUSES))),
        default=["current", "archived", "trashed"],
        title="Page statuses",
        description="Statuses of the pages, blog posts and attachments to read. Where a list does "
        "not know a status, it is left out.",
        examples=[["current"]],
    ),
    th.Property(
        "body_format",
        th.StringType(allowed_values=["storage", "atlas_doc_format", "markdown", "none"]),
        default="storage",
        title="Body format",
        description="Format of bodies: `storage` (XHTML), `atlas_doc_format` (JSON), `markdown` "
        "(storage, and Markdown made of it in the column body_markdown), or `none`.",
        examples=["markdown"],
    ),
    th.Property(
        "custom_content_types",
        th.ArrayType(th.StringType),
        title="Custom content types",
        description="Types of apps' content to read; without them the stream custom_content is "
        "empty.",
        examples=[["ac:com.acme.diagrams:diagram"]],
    ),
    th.Property(
        "lookback",
        th.IntegerType(minimum=0, maximum=TEN_YEARS),
        default=300,
        title="Look-back",
        description="Seconds before the bookmark from which on an incremental run reads again, "
        "for what appears in the API's lists with a delay.",
        examples=[300],
    ),
]
