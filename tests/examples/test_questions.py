"""docs/questions.md: each file of examples/sql answers as the page tells, in a real PostgreSQL."""

import pytest

from demo.pipeline import Database
from demo.questions import PAGE, as_table, load, page, questions
from tests.support import ROOT

MELTANO = ROOT / ".venv-meltano" / "bin" / "meltano"


@pytest.fixture(scope="module")
def database(tmp_path_factory):
    if not MELTANO.exists():
        pytest.skip("Meltano is not installed: make .venv-meltano/ready")
    with Database(tmp_path_factory.mktemp("postgres")) as database:
        load(database)
        yield database


@pytest.mark.e2e
def test_each_question_is_answered_as_the_page_tells(database):
    assert PAGE.read_text() == page(database), "make questions writes the page anew"


def test_there_are_twenty_questions_and_each_names_what_it_needs():
    assert len(questions()) == 20
    for question in questions():
        assert question.text.endswith("?"), question.file.name
        assert question.needs.startswith(("Streams: ", "The view ")), question.file.name
        assert not {"now()", "current_date"} & {*question.file.read_text().lower().split()}


def test_numbers_are_laid_out_to_the_right():
    rows = [("branch", "runs"), ("main", 7), ("fix", 12), ("old", None)]
    assert as_table(rows) == "branch  runs\nmain       7\nfix       12\nold"
