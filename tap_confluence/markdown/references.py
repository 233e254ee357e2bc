"""What links and images of the storage format point to: the elements that begin with ri:."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


def reference(element: Element) -> tuple[str, str]:
    """Tell where an element leads, and what that is called.

    The storage format knows pages by title: `page:SPACE/Title`, or `page:/Title` in the same
    space. Files are known by name, people by account ID. Other elements lead nowhere.
    """
    get = element.get
    match element.tag:
        case "{ri}page" | "{ri}blog-post":
            title = get("{ri}content-title", "")
            scheme = "page" if element.tag == "{ri}page" else "blog"
            return f"{scheme}:{get('{ri}space-key', '')}/{title}", title
        case "{ri}attachment":
            file = get("{ri}filename", "")
            return file, file
        case "{ri}user":
            account = get("{ri}account-id") or get("{ri}userkey", "")
            return f"user:{account}", f"@{account}"
        case "{ri}url":
            address = get("{ri}value", "")
            return address, address
        case "{ri}content-entity":
            number = get("{ri}content-id", "")
            return f"content:{number}", f"content {number}"
        case "{ri}space":
            key = get("{ri}space-key", "")
            return f"space:{key}", key
        case "{ri}shortcut":
            return "", f"{get('{ri}key', '')}:{get('{ri}parameter', '')}"
    return "", ""


def spelled_out(parameter: Element) -> str:
    """Write the parameter of a macro as text: `SPACE:Title` for a page, as Confluence does."""
    for element in parameter.iter():
        _, label = reference(element)
        if label:
            space = element.get("{ri}space-key")
            return f"{space}:{label}" if space and space != label else label
    return "".join(parameter.itertext())
