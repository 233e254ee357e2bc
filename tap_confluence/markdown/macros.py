"""Macros, by their names in both formats: what is known, and how the rest is kept readable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tap_confluence.markdown import writing
from tap_confluence.markdown.escaping import inline

if TYPE_CHECKING:
    from collections.abc import Mapping

ALERTS = {"info": "NOTE", "note": "WARNING", "tip": "TIP", "warning": "CAUTION", "panel": ""}
"""The macros that are panels, by what they look like."""
ALERTS_OF_PANELS = {
    "info": "NOTE",
    "note": "IMPORTANT",
    "tip": "TIP",
    "success": "TIP",
    "warning": "WARNING",
    "error": "CAUTION",
}
"""The panels of the newer editor, which has other names for the same looks."""
_CODE = {"code", "noformat"}
_INVISIBLE = {"toc", "anchor"}
_ABOUT_LOOKS = {"atlassian-macro-output-type", "layout"}


def add_bodyless(line: list[str], name: str, parameters: Mapping[str, str]) -> None:
    """Write a macro whose text is made elsewhere: as `{name:parameter=value}`, if not known."""
    if name == "status":
        writing.add_code(line, parameters.get("title", ""))
    elif name == "jira" and parameters.get("key"):
        line.append(inline(parameters["key"]))
    elif name == "jira" and parameters.get("jqlQuery"):
        writing.add_code(line, f"{{jira:{parameters['jqlQuery']}}}")
    elif name not in _INVISIBLE:
        told = [
            f"{key}={value}" if key else value
            for key, value in parameters.items()
            if key not in _ABOUT_LOOKS and value
        ]
        writing.add_code(line, f"{{{name}{':' if told else ''}{'|'.join(told)}}}")


def language(name: str, parameters: Mapping[str, str]) -> str:
    """Tell in which language the body of a macro is, which is no text."""
    return parameters.get("language", "") if name in _CODE else name
