"""The tables as a user queries them, compared with what is true."""

from sandbox.gitbook import truth
from tap_gitbook.streams import STREAMS
from tests.gitbook.conftest import without_nulls

KEYS = {stream.name: stream.primary_keys for stream in STREAMS}


def still_there(reader):
    """What docs/gitbook.md tells to ask for: rows of a space's current revision."""
    spaces = reader.rows("spaces") if "spaces" in reader.tables else []
    revisions = {row["id"]: row["revision"] for row in spaces}

    def of_current_revision(row):
        return revisions.get(row["space_id"]) == row["revision_id"]

    tables = {name: reader.rows(name) for name in reader.tables}
    for name in {"content", "pages", "files"} & tables.keys():
        tables[name] = [row for row in tables[name] if of_current_revision(row)]
    if "page_documents" in tables:
        pages = {(row["space_id"], row["id"]) for row in tables["pages"]}
        tables["page_documents"] = [
            {name: value for name, value in row.items() if name != "revision_id"}
            for row in tables["page_documents"]
            if (row["space_id"], row["page_id"]) in pages
        ]
    return tables


def assert_tables_are_true(reader, *streams, **how):
    """Compare what was loaded, of all streams or of some, with the world, column by column."""
    expected, tables = truth(reader.vendor, **how), still_there(reader)
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
