"""Which names say that a value is a secret. Docs: docs/operating.md."""

from __future__ import annotations

import re
from functools import lru_cache

SECRETS = (
    *("token", "secret", "password", "passwd", "passphrase", "credential", "signature"),
    *("authorization", "apikey", "privatekey", "accesskey", "signingkey", "encryptionkey"),
)
"""What names a secret, wherever it stands in a name without separators."""

SECRET_WORDS = {"auth", "bearer", "cookie", "jwt", "pass", "pwd", "sig"}
"""Last words of names that name one."""

HARMLESS = {
    *("algorithm", "at", "count", "enabled", "endpoint", "expiration", "expires", "expiry"),
    *("id", "in", "length", "limit", "method", "name", "policy", "required", "type"),
}
"""Last words of names that only tell of a secret, such as when it expires."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Tell whether a name says that its value is a secret.

    >>> [is_secret(name) for name in ("accessToken", "X-Amz-Signature", "token_type", "author")]
    [True, True, False, False]
    """
    if is_harmless(name):
        return False
    words = _words(name)
    together = "".join(words)
    return bool({*words[-1:]} & SECRET_WORDS) or any(word in together for word in SECRETS)


@lru_cache(maxsize=4096)
def is_harmless(name: str) -> bool:
    """Tell whether a name says that its value only tells of a secret, if of anything."""
    return not HARMLESS.isdisjoint(_words(name)[-1:])


def _words(name: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(name)]
