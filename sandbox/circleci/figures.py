"""Figures such as insights tell."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from sandbox.circleci.model import moment

if TYPE_CHECKING:
    from sandbox.circleci.model import Row


def durations(lengths: list[int]) -> Row:
    """Tell how long runs took."""
    ordered = sorted(lengths) or [0]
    return {
        "min": ordered[0],
        "mean": sum(ordered) // len(ordered),
        "median": ordered[len(ordered) // 2],
        "p95": ordered[int(len(ordered) * 0.95)],
        "max": ordered[-1],
        "standard_deviation": 0.5,
    }


def seconds(row: Row) -> int:
    """Count the seconds of a run."""
    if not row.get("started_at", row.get("created_at")) or not row["stopped_at"]:
        return 0
    start = moment(row.get("started_at") or row["created_at"])
    return int((moment(row["stopped_at"]) - start).total_seconds())


def metrics(rows: list[Row]) -> Row:
    """Tell the figures of runs."""
    good = sum(row["status"] == "success" for row in rows)
    return {
        "total_runs": len(rows),
        "successful_runs": good,
        "failed_runs": len(rows) - good,
        "success_rate": good / len(rows),
        "throughput": len(rows) / 90,
        "total_credits_used": 10 * len(rows),
        "duration_metrics": durations([seconds(row) for row in rows]),
    }


def by_name(rows: list[Row]) -> dict[str, list[Row]]:
    """Group rows by their names."""
    found: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["name"]].append(row)
    return found


def summary(rows: list[Row]) -> dict[str, Row]:
    """Sum runs up, with their trends."""
    total = len(rows)
    good = sum(row["status"] == "success" for row in rows) / (total or 1)
    metrics = {"total_runs": total, "total_credits_used": 10 * total, "success_rate": good}
    trends = dict.fromkeys(metrics, 0.5)
    return {"metrics": metrics, "trends": trends}


def with_more(kinds: dict[str, Row], **more: Any) -> Row:
    """Add figures to a summary."""
    return {kind: {**figures, **more} for kind, figures in kinds.items()}
