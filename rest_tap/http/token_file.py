"""The newest tokens of an OAuth chain, in a file that several runs may share."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rest_tap.errors import ConfigError, TapError
from rest_tap.redaction import keep_secret, warn_if_exposed

if sys.platform != "win32":
    import fcntl

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST = 1_000_000  # Bytes; what is larger is no file of tokens
CHAINS = 8  # Of other refresh tokens in the settings, kept in the same file
LOCK_TIMEOUT = 600  # Seconds; another run holds the lock while it asks for a token
POLL = 0.05
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one answer of the token endpoint leaves to the next request, or to another run."""

    refresh_token: str
    access_token: str = ""
    use_until: float = 0.0
    """Seconds since the epoch at which the access token is to be replaced."""


class TokenFile:
    """The newest tokens of the chain that began with a refresh token in the settings.

    A new one in the settings begins a new chain; the others stay in the file beside it, for they
    may be those of another run. Only its owner can read the file, and it is replaced at once: at
    no moment is there none, or half of one.

    Args:
        path: As it stands in the setting; a symbolic link stands for the file that it leads to.
        began_with: The refresh token in the settings.

    Raises:
        ConfigError: If there is something at the path that this class did not write, or there is
            no folder for it.
    """

    def __init__(self, path: str, began_with: str) -> None:
        self._mark = hashlib.sha256(began_with.encode()).hexdigest()[:16]
        self._others: list[dict[str, Any]] = []
        try:
            self.path = Path(path).expanduser()
            self._target = self.path.resolve()
        except (OSError, RuntimeError, ValueError) as error:
            raise ConfigError(f"oauth_token_file: {path!r} leads to no file: {error}") from error
        if not os.access(self._target.parent, os.W_OK):
            raise ConfigError(
                f"oauth_token_file: the folder {self._target.parent} does not exist or cannot be "
                "written; name a file in one that can"
            )
        if self.read():
            warn_if_exposed("oauth_token_file", self._target)

    def read(self) -> Tokens | None:
        """Read the newest tokens of the chain; None if there are none yet.

        Raises:
            ConfigError: As above.
        """
        for chain in self._chains():
            if chain["began_with"] == self._mark:
                return _tokens(chain)
        return None

    @contextmanager
    def locked(self) -> Iterator[Tokens | None]:
        """Keep other runs from the chain, and read its newest tokens.

        On Windows nothing keeps them: there, runs must not share a file.

        Raises:
            TapError: If the file cannot be locked.
        """
        with self._lock():
            yield self.read()

    def rehearse(self, tokens: Tokens) -> None:
        """Write what is to be kept if no new tokens come: so it is known that they can be written.

        Raises:
            ConfigError: If what is there now is not a file of tokens.
            TapError: If it cannot be written.
        """
        self._others = [chain for chain in self._chains() if chain["began_with"] != self._mark]
        try:
            self._replace(self._content(tokens))
        except OSError as error:
            raise TapError(
                f"oauth_token_file: {self.path} cannot be replaced ({error.strerror}). No token "
                "was asked for, so none is lost: make it and its folder writable (for a "
                "container, mount the folder, not the file)"
            ) from error

    def write(self, tokens: Tokens) -> None:
        """Replace the tokens of the chain, after `rehearse`, by those that make them worthless.

        Raises:
            TapError: If they are lost.
        """
        content = self._content(tokens)
        with suppress(OSError):
            self._replace(content)
            return
        try:  # The disk is full now, perhaps; the file takes what it took a moment ago
            self._overwrite(content)
        except OSError as error:
            raise TapError(
                f"oauth_token_file: {self.path} cannot be written any more ({error.strerror}), and "
                "the refresh token that it should hold is lost; give consent again"
            ) from error

    def _chains(self) -> list[dict[str, Any]]:
        """Read all chains, the one that was used last first."""
        try:
            self._check_is_ours(self._target.stat())  # First: a pipe would be waited for
            with self._target.open("rb") as file:
                content = file.read(LARGEST)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise self._refusal(f"cannot be read: {error.strerror}") from error
        if not content.strip():
            return []  # As mktemp leaves it: there is nothing in it to lose
        try:
            newest = json.loads(content)
            chains = [newest, *newest.pop("earlier", [])]
            return [_checked(chain) for chain in chains]
        except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
            raise self._refusal("holds something else than this tap's tokens") from error

    def _check_is_ours(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise self._refusal("is not a regular file")
        if found.st_nlink > 1:
            raise self._refusal("has several names (hard links), of which only one would be kept")
        if hasattr(os, "geteuid") and found.st_uid != os.geteuid():
            raise self._refusal(f"belongs to another user (uid {found.st_uid})")

    def _refusal(self, reason: str) -> ConfigError:
        return ConfigError(
            f"oauth_token_file: {self.path} {reason}; it is left as it is. Name a file that is the "
            "tap's alone, or a new one"
        )

    def _content(self, tokens: Tokens) -> bytes:
        content = {"began_with": self._mark, **asdict(tokens)}
        if self._others:
            content["earlier"] = self._others[:CHAINS]
        return json.dumps(content).encode()

    def _overwrite(self, content: bytes) -> None:
        with self._target.open("r+b") as file:
            file.write(content)
            file.truncate()

    def _replace(self, content: bytes) -> None:
        draft = self._target.with_name(f".{self._target.name}.new")
        with suppress(FileNotFoundError):
            draft.unlink()
        try:
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | NO_FOLLOW
            with os.fdopen(os.open(draft, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(self._target)
        except OSError:
            with suppress(OSError):
                draft.unlink()
            raise
        _sync_folder(self._target.parent)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Lock a file beside it: the file itself is another one after each write."""
        path = self._target.with_name(f"{self._target.name}.lock")
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | NO_FOLLOW, 0o600)
        except OSError as error:
            raise TapError(
                f"oauth_token_file: {path} cannot be opened: {error.strerror}"
            ) from error
        try:
            until = time.monotonic() + LOCK_TIMEOUT
            while not _has_locked(descriptor, path):
                if time.monotonic() > until:
                    raise TapError(f"oauth_token_file: another process keeps {path} locked; end it")
                time.sleep(POLL)
            yield
        finally:
            os.close(descriptor)


def _has_locked(descriptor: int, path: Path) -> bool:
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError as error:
            raise TapError(
                f"oauth_token_file: {path} cannot be locked ({error.strerror}): keep it on a disk "
                "that knows locks"
            ) from error
    return True


def _checked(chain: dict[str, Any]) -> dict[str, Any]:
    for name in ("began_with", "refresh_token"):
        if not (isinstance(chain[name], str) and chain[name]):
            raise ValueError(name)
    return chain


def _tokens(chain: dict[str, Any]) -> Tokens:
    """Take what a chain holds; 0.1.0 kept the refresh token alone."""
    keep_secret(chain["refresh_token"], chain.get("access_token"))
    access_token, use_until = chain.get("access_token"), chain.get("use_until")
    if not (isinstance(access_token, str) and isinstance(use_until, int | float)):
        return Tokens(chain["refresh_token"])
    return Tokens(chain["refresh_token"], access_token, use_until)


def _sync_folder(folder: Path) -> None:
    """Let the new name outlive a crash of the machine, where a folder can be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
