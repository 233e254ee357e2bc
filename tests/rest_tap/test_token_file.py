"""The file of OAuth tokens: never lost, never half, never anything that is somebody else's."""

from __future__ import annotations

import fcntl
import os
import socket
import stat

import pytest

from rest_tap import ConfigError, TapError
from rest_tap.http import token_file
from rest_tap.http.token_file import TokenFile, Tokens

GIVEN = "the token in the settings"
NEXT = Tokens("the next token", "an access token", 2e9)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "kept" / "token.json"


@pytest.fixture(autouse=True)
def folder(path):
    path.parent.mkdir()
    return path.parent


def opened(path, began_with=GIVEN):
    return TokenFile(str(path), began_with)


def kept(path, tokens, began_with=GIVEN):
    """Keep tokens as a refresh does."""
    file = opened(path, began_with)
    with file.locked():
        file.rehearse(Tokens(began_with))
        file.write(tokens)
    return file


def test_a_file_that_is_not_there_yet_is_made_for_its_owner_only(path):
    assert opened(path).read() is None
    assert not path.exists(), "nothing was asked for yet"
    assert kept(path, NEXT).read() == NEXT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_empty_file_is_taken_as_mktemp_makes_it(path):
    path.touch(0o600)
    assert kept(path, NEXT).read() == NEXT


def test_the_file_of_0_1_0_goes_on(path):
    path.write_text('{"began_with": "614fdd02c64852b4", "refresh_token": "the fifth"}')
    path.chmod(0o600)
    assert opened(path).read() == Tokens("the fifth")


def test_it_is_replaced_as_a_whole_and_nothing_else_is_left(path, folder):
    kept(path, NEXT)
    with path.open() as before:
        kept(path, Tokens("a later token"))
        assert NEXT.refresh_token in before.read(), "who reads it meanwhile reads one of the two"
    assert sorted(found.name for found in folder.iterdir()) == ["token.json", "token.json.lock"]


def test_what_a_killed_run_left_half_written_is_not_in_the_way(path, folder):
    (folder / ".token.json.new").write_text('{"began_wi')
    assert kept(path, NEXT).read() == NEXT


def test_two_chains_in_one_file_do_not_cost_each_other_a_token(path):
    ours, theirs = Tokens("ours"), Tokens("theirs")
    kept(path, ours)
    kept(path, theirs, began_with="another token in the settings")
    kept(path, Tokens("ours, later"))
    assert opened(path).read() == Tokens("ours, later")
    assert opened(path, "another token in the settings").read() == theirs
    for n in range(30):
        kept(path, theirs, began_with=f"consent {n}")
    assert path.stat().st_size < 3_000, "chains that ended long ago stay in the file"


def test_a_link_is_followed_and_stays_a_link(path, folder, tmp_path):
    target = tmp_path / "elsewhere.json"
    path.symlink_to(target)
    kept(path, NEXT)
    assert path.is_symlink()
    assert opened(target).read() == NEXT
    kept(path, Tokens("later"))
    assert path.is_symlink()
    assert opened(target).read() == Tokens("later")
    assert list(folder.iterdir()) == [path], "it is locked and replaced where it is"


def a_directory(path):
    path.mkdir()


def a_pipe(path):
    os.mkfifo(path)


def a_socket(path):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def a_link_to_a_device(path):
    path.symlink_to("/dev/null")


def a_circle_of_links(path):
    path.symlink_to(path)


def with_two_names(path):
    kept(path, NEXT)
    os.link(path, path.with_name("other.json"))


def holding(content):
    def make(path):
        path.write_bytes(content)
        path.chmod(0o600)

    return make


FOREIGN = {
    "a directory": (a_directory, "is not a regular file"),
    "a pipe": (a_pipe, "is not a regular file"),
    "a socket": (a_socket, "is not a regular file"),
    "a device": (a_link_to_a_device, "is not a regular file"),
    "a circle": (a_circle_of_links, "leads to no file"),
    "two names": (with_two_names, "several names"),
    "a text": (holding(b"ssh-ed25519 AAAA ada@acme"), "something else"),
    "no UTF-8": (holding(b"\xff\xfe{}"), "something else"),
    "other JSON": (holding(b'{"name": "acme", "private": true}'), "something else"),
    "a list": (holding(b"[1, 2]"), "something else"),
    "an answer of the vendor": (holding(b'{"refresh_token": "eyJ..."}'), "something else"),
    "an empty token": (holding(b'{"began_with": "1", "refresh_token": ""}'), "something else"),
    "half of ours": (holding(b'{"began_with": "1234", "refresh_tok'), "something else"),
    "odd chains": (
        holding(b'{"began_with": "1", "refresh_token": "2", "earlier": 3}'),
        "something else",
    ),
    "deep": (holding(b"[" * 100_000), "something else"),
    "large": (holding(b'{"began_with": "' + b"1" * 2_000_000 + b'"}'), "something else"),
}


@pytest.mark.parametrize("case", FOREIGN)
def test_what_is_not_ours_is_refused_in_one_line_and_left_as_it_is(path, case):
    make, told = FOREIGN[case]
    make(path)
    before = path.lstat()
    with pytest.raises(ConfigError) as refused:
        opened(path)
    line = str(refused.value)
    assert line.startswith("oauth_token_file: ")
    assert told in line
    assert len(line) <= 300
    assert "\n" not in line
    after = path.lstat()
    assert (after.st_ino, after.st_size, after.st_mode) == (
        before.st_ino,
        before.st_size,
        before.st_mode,
    )


def test_what_became_foreign_meanwhile_is_left_as_it_is(path):
    file = kept(path, NEXT)
    path.write_text("somebody's notes")
    with pytest.raises(ConfigError, match="something else"), file.locked():
        pass
    with pytest.raises(ConfigError, match="something else"):
        file.rehearse(NEXT)
    assert path.read_text() == "somebody's notes"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_another_users_file_is_refused(path):
    kept(path, NEXT)
    os.chown(path, 12345, -1)
    with pytest.raises(ConfigError, match="belongs to another user"):
        opened(path)


@pytest.mark.parametrize("name", ["missing/token.json", "\0", "~nobody-of-that-name/token.json"])
def test_a_path_that_leads_nowhere_is_refused(folder, name):
    with pytest.raises(ConfigError, match=r"^oauth_token_file: "):
        opened(name if name.startswith("~") else f"{folder}/{name}")


def test_a_file_that_cannot_be_replaced_is_told_before_anything_is_asked_for(path, folder):
    kept(path, NEXT)
    (folder / ".token.json.new").mkdir()
    file = opened(path)
    with pytest.raises(TapError, match="No token was asked for") as told, file.locked():
        file.rehearse(NEXT)
    assert len(str(told.value)) <= 300
    assert file.read() == NEXT


def test_a_disk_that_fills_up_meanwhile_does_not_cost_the_new_token(path, folder):
    file = opened(path)
    with file.locked():
        file.rehearse(Tokens(GIVEN))
        (folder / ".token.json.new").mkdir()  # Nothing more can be made in the folder
        file.write(NEXT)
    assert file.read() == NEXT


def test_other_runs_wait_for_the_lock_and_see_what_was_kept(path, monkeypatch):
    monkeypatch.setattr(token_file, "LOCK_TIMEOUT", 0)
    first, second = opened(path), opened(path)
    with first.locked() as tokens:
        assert tokens is None
        with pytest.raises(TapError, match=r"keeps .* locked"), second.locked():
            pass
        first.rehearse(Tokens(GIVEN))
        first.write(NEXT)
    with second.locked() as tokens:
        assert tokens == NEXT


@pytest.mark.parametrize("in_the_way", [a_directory, a_circle_of_links])
def test_a_lock_that_cannot_be_made_is_told(path, in_the_way):
    in_the_way(path.with_name("token.json.lock"))
    with pytest.raises(TapError, match=r"token.json.lock cannot be opened"), opened(path).locked():
        pass


def test_a_disk_without_locks_is_told(path, monkeypatch):
    def refuse(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(TapError, match="knows locks"), opened(path).locked():
        pass
