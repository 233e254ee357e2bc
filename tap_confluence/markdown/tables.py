"""Tables: cells that span several columns or rows stand once, before empty ones."""

from __future__ import annotations

_MOST_COLUMNS = 100  # What cells claim to span is believed up to here


class Table:
    """Collects rows of cells, and lays them out."""

    def __init__(self) -> None:
        self._rows: list[list[str]] = []
        self._headers: set[int] = set()
        """The numbers of rows that are made of header cells alone."""
        self._taken: dict[int, int] = {}
        """The last row in which each column is taken, by a cell above."""

    def add_row(self) -> None:
        """Begin a row."""
        self._rows.append([])

    def mark_header(self) -> None:
        """Say that the last row is made of header cells alone."""
        self._headers.add(len(self._rows) - 1)

    def add_cell(self, text: str, columns: int = 1, rows: int = 1) -> None:
        """Add a cell to the last row, and tell how many columns and rows it takes."""
        row, number = self._rows[-1], len(self._rows) - 1
        if self._taken:
            while len(row) < _MOST_COLUMNS and self._taken.get(len(row), -1) >= number:
                row.append("")
        if rows > 1:
            taken = range(len(row), len(row) + min(columns, _MOST_COLUMNS))
            self._taken.update(dict.fromkeys(taken, number + rows - 1))
        row.append(text)
        if columns > 1:
            row += [""] * (min(columns, _MOST_COLUMNS) - 1)

    def as_markdown(self) -> list[str]:
        """Lay out the lines; a table without a header row gets an empty one, as it needs one."""
        shown = [number for number, row in enumerate(self._rows) if any(row)]
        if not shown:
            return []
        rows = [self._rows[number] for number in shown]
        if shown[0] not in self._headers:
            rows.insert(0, [])
        width = max(map(len, rows))
        rows[0] += [""] * (width - len(rows[0]))
        lines = [f"| {' | '.join(row)} |" for row in rows]
        return [lines[0], f"|{' --- |' * width}", *lines[1:]]

    def as_lines(self) -> list[str]:
        """Lay out a table that stands in a cell of another."""
        return [", ".join(filter(None, row)) for row in self._rows]
