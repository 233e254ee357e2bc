"""What changes without a version or a date is found when it is due: the tables equal the site."""

import random

import pytest

from sandbox.confluence.hidden_edits import FAMILIES
from tests.confluence.story import CONTENT, DIAGRAMS, POLLS

SMALL = {"pages": 60, "blog_posts": 15, "attachments": 40, "footer_comments": 50}
SHAPED = ("space_permissions", "page_restrictions", "blog_post_restrictions")
EXACT = (
    *CONTENT,
    *("custom_content", "tasks", "labels", "page_labels", "blog_post_labels", "attachment_labels"),
    *("spaces", "space_role_assignments", "space_labels", "groups", "group_members"),
    *("page_ancestors", "page_restriction_subjects", "blog_post_restriction_subjects"),
)


RENAMED = {
    stream: {"revision": "version", "version": None} for stream in (*CONTENT, "custom_content")
}
"""With a column `version` targets cannot be told of versions."""


class Tables:
    """The tables of a story whose tap reconciles in each run, and tells targets of versions."""

    def __init__(self, story):
        self.story = story
        story.config |= {
            "custom_content_types": [DIAGRAMS, POLLS],
            "reconcile": "always",
            "stream_maps": RENAMED,
        }

    def wrong(self):
        """What they hold otherwise than the site."""
        tables, truth = self.story.tables, self.story.site.truth()
        for stream in RENAMED:
            for row in tables[stream].values():
                row["version"] = row.get("revision")
        keys = {name: tables[name].keys() ^ truth[name].keys() for name in SHAPED}
        return self.story.differences(*EXACT) | {
            name: wrong for name, wrong in keys.items() if wrong
        }


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_tables_follow_any_edits_when_each_run_reconciles(play, seed):
    story = play(seed=seed, **SMALL)
    tables = Tables(story)
    story.site.lifts_children = seed % 2 == 0
    randomness = random.Random(seed)
    for round_ in range(6):
        story.sync(*EXACT, *SHAPED)
        assert tables.wrong() == {}, round_
        edits = randomness.choice([1, 10, 60])
        story.site.campaign(randomness, edits, deletes=True, also=FAMILIES)
