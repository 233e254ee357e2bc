"""The tables as a user queries them, compared with what is true."""

from sandbox.gitbook import truth
from tap_gitbook.streams import STREAMS
from tests.gitbook.conftest import without_nulls

KEYS = {stream.name: stream.primary_keys for stream in STREAMS}


def loaded(reader):
    """The tables as a target has them; when a body was read is not of interest."""
    tables = {name: reader.rows(name) for name in reader.tables}
    for row in tables.get("page_documents", ()):
        row.pop("revision_id", None)
    return tables


def assert_tables_are_true(reader, *streams, **how):
    """Compare what was loaded, of all streams or of some, with the world, column by column."""
    expected, tables = truth(reader.vendor, **how), loaded(reader)
    for name, rows in tables.items():
        if streams and name not in streams:
            continue
        key = KEYS[name]
        wanted = {tuple(r[k] for k in key): without_nulls(r) for r in expected.get(name, ())}
        assert len(wanted) == len(expected.get(name, ())), f"{name}: its key is not unique"
        found = {tuple(r[k] for k in key): r for r in rows}
        assert found.keys() - wanted.keys() == set(), f"{name}: rows that are not there"
        assert wanted.keys() - found.keys() == set(), f"{name}: rows are missing"
        for which, row in wanted.items():
            assert found[which] == row, f"{name}: {which}"
