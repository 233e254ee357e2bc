"""What the tests of tap-confluence share."""

import pytest

from sandbox.confluence import Confluence, Site
from sandbox.server import Sandbox
from tests.confluence.story import CONTENT, Story


@pytest.fixture
def play(tmp_path):
    """Play a site; it is closed when the test ends."""
    opened = []

    def start(site=None, *, seed=1, **sizes):
        site = site or Site.generate(seed, **sizes)
        sandbox = Sandbox(Confluence(site))
        opened.append(sandbox)
        return Story(site, sandbox.__enter__(), tmp_path)

    yield start
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


@pytest.fixture
def story(play):
    story = play(pages=30)
    story.sync(*CONTENT)
    return story
