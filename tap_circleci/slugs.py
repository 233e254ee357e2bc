"""Slugs as users write them: brought to the one form that CircleCI's answers use."""

from __future__ import annotations

import re

from rest_tap import ConfigError

# CircleCI takes both names of a host and answers with the short one
SHORT = {"github": "gh", "bitbucket": "bb"}
FORMS = {
    "org_slugs": (2, "gh/acme, bb/acme or circleci/<organization id>"),
    "project_slugs": (3, "gh/acme/web, bb/acme/web or circleci/<organization id>/<project id>"),
}


def read_slug(setting: str, slug: str) -> str:
    """Bring a slug to its one form; beyond the number of its parts it is opaque.

    Raises:
        ConfigError: If it cannot be a slug of this kind.
    """
    read = re.sub("%2f", "/", slug.strip(), flags=re.IGNORECASE).strip("/")
    parts = read.split("/")
    count, form = FORMS[setting]
    if len(parts) != count or {"", ".", ".."} & set(parts):
        hint = next((o for o, (n, _) in FORMS.items() if o != setting and n == len(parts)), None)
        also = f" It looks like one for {hint}." if hint and "://" not in slug else ""
        raise ConfigError(f"{setting}: {slug!r} is not a slug such as {form}.{also}")
    return "/".join((SHORT.get(parts[0], parts[0]), *parts[1:]))
