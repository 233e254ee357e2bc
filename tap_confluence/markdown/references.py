"""What links and images of the storage format point to: the elements that begin with ri:."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def reference(element: Element) -> tuple[str, str]:
    """Tell where an element leads, and what that is called.

    The storage format knows pages by title: `page:SPACE/Title`, or `page:/Title` in the same
    space; by ID it is `content:ID`. Files are known by name, people by account ID (`user:ID`).
    Other elements lead nowhere.
    """
    get = element.get
    address = label = ""
    match element.tag:
        case "{ri}page" | "{ri}blog-post":
            label = get("{ri}content-title", "")
            scheme = "page" if element.tag == "{ri}page" else "blog"
            address = f"{scheme}:{get('{ri}space-key', '')}/{label}"
        case "{ri}attachment":
            address = label = get("{ri}filename", "")
        case "{ri}user":
            account = get("{ri}account-id") or get("{ri}userkey", "")
            address, label = f"user:{account}", f"@{account}"
        case "{ri}url":
            address = label = get("{ri}value", "")
        case "{ri}content-entity":
            label = get("{ri}content-id", "")
            address = f"content:{label}"
        case "{ri}space":
            label = get("{ri}space-key", "")
            address = f"space:{label}"
        case "{ri}shortcut":
            label = f"{get('{ri}key', '')}:{get('{ri}parameter', '')}"
    return address, label


def spelled_out(parameter: Element) -> str:
    """Write the parameter of a macro as text: `SPACE:Title` for a page, as Confluence does."""
    for element in parameter.iter():
        _, label = reference(element)
        if label:
            space = element.get("{ri}space-key")
            return f"{space}:{label}" if space and space != label else label
    return "".join(parameter.itertext())
