"""The settings that the three taps share."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

TEN_YEARS = 315_360_000  # Seconds; much more is beyond any calendar
DAY = 86_400  # Seconds; a system cannot wait for much longer at a connection


def text_setting(
    name: str, title: str, description: str, example: str, *, secret: bool = False
) -> th.Property[Any]:
    """Describe a setting that is a text."""
    return th.Property(
        name, th.StringType, title=title, description=description, examples=[example], secret=secret
    )


def shared_settings(tap_name: str) -> list[th.Property[Any]]:
    """Describe the settings that every tap takes, `base_url` and `lookback` aside.

    Those two mean something else to each vendor, so each tap describes its own.
    """
    return [
        th.Property(
            "start_date",
            th.DateTimeType,
            title="Start date",
            description="Read what changed at or after this moment, where a stream can tell. "
            "A bookmark in the state wins over an earlier start date.",
            examples=["2026-01-01T00:00:00Z"],
        ),
        th.Property(
            "max_concurrency",
            th.IntegerType(minimum=1, maximum=128),
            default=8,
            title="Maximum concurrency",
            description="How many requests may be under way at once. 1 sends one after another. "
            "Records and their order do not depend on it.",
            examples=[8],
        ),
        th.Property(
            "requests_per_second",
            th.NumberType(minimum=0.001, maximum=100_000),  # type: ignore[arg-type]
            title="Requests per second",
            description="Never send more requests than this in any second. "
            "Without it only the vendor's own limits slow the tap down.",
            examples=[10],
        ),
        th.Property(
            "request_timeout",
            th.NumberType(minimum=0.001, maximum=DAY),  # type: ignore[arg-type]
            default=60,
            title="Request timeout",
            description="Seconds to wait for the server to connect, or to send more of an answer, "
            "before the request is tried again.",
            examples=[60],
        ),
        th.Property(
            "max_answer_seconds",
            th.NumberType(minimum=0.001, maximum=TEN_YEARS),  # type: ignore[arg-type]
            title="Maximum seconds of an answer",
            description="Seconds after which an answer that is still coming is given up, however "
            "steadily it comes; a file may take as long for each megabyte. Ten times "
            "`request_timeout` if it is not set.",
            examples=[600],
        ),
        th.Property(
            "max_answer_bytes",
            th.IntegerType(minimum=1, maximum=2**63 - 1),
            default=100_000_000,
            title="Maximum bytes of an answer",
            description="The size, unpacked, above which an answer is given up before it takes all "
            "memory. Files are read piece by piece and may be larger.",
            examples=[100000000],
        ),
        th.Property(
            "max_wait",
            th.NumberType(minimum=0, maximum=TEN_YEARS),
            default=900,
            title="Maximum wait",
            description="The longest that the server may ask a request to wait, in seconds. "
            "When it asks for more, the stream ends with an error instead of hanging.",
            examples=[900],
        ),
        th.Property(
            "reconcile",
            th.StringType(allowed_values=["daily", "always", "never"]),
            default="daily",
            title="Reconcile",
            description="When lists that tell nothing of their changes are read whole: `daily`, "
            "when the last time is a day ago; `always`, in each run; `never`, only the first time. "
            "In between they are read where something else tells of a change.",
            examples=["always"],
        ),
        th.Property(
            "reconcile_always",
            th.ArrayType(th.StringType),
            title="Reconcile always",
            description="Names of streams, or patterns such as `page_*`, that each run reads "
            "whole, whatever `reconcile` says of the others.",
            examples=[["schedules"]],
        ),
        th.Property(
            "denied_streams",
            th.StringType(allowed_values=["fail", "skip"]),
            default="fail",
            title="Denied streams",
            description="What a stream that the credentials may not read does to the exit status: "
            "`fail` makes it 1, and reads it as soon as access is granted; `skip` leaves it 0, and "
            "does not look back for it. The other streams are read either way.",
            examples=["skip"],
        ),
        th.Property(
            "emit_activate_version_messages",
            th.BooleanType,
            default=True,
            title="Emit ACTIVATE_VERSION messages",
            description="Whether a complete run of a stream that is read as a whole tells by "
            "ACTIVATE_VERSION that all other rows have vanished. Switch it off for targets that "
            "do not know the message, and for runs that load parts of the same tables.",
            examples=[False],
        ),
        th.Property(
            "mask_secrets",
            th.BooleanType,
            default=True,
            title="Mask secrets",
            description="Replace secrets inside of the data by `***`: what free-form objects and "
            "the parameters of addresses hold under names such as token, secret or password. "
            "Columns that a stream describes are never masked for their names.",
            examples=[False],
        ),
        th.Property(
            "extra_fields",
            th.StringType(allowed_values=["drop", "keep"]),
            default="drop",
            title="Extra fields",
            description="What to do with fields that the vendor sends and a stream's schema lacks: "
            "`drop` leaves them out, and names them once; `keep` gives each stream a column "
            "`extra_fields` that holds them, so that a field is there from the day it is added.",
            examples=["keep"],
        ),
        th.Property(
            "user_agent",
            th.StringType,
            title="User agent",
            description=f"The User-Agent header of every request; `{tap_name}/<version>` "
            "if it is not set.",
            examples=["acme-data-platform (data@acme.example)"],
        ),
    ]
