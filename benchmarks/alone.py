"""How fast a vendor answers somebody who does nothing with the answers."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

CONNECTIONS = 4
LENGTH = b"content-length: "


def answers_a_second(url: str, targets: Sequence[str], config: Mapping[str, Any]) -> float:
    """Ask for everything once, over a few connections."""
    host, port = urlsplit(url).hostname, urlsplit(url).port

    def ask(share: Sequence[str]) -> None:
        with socket.create_connection((host, port)) as connection:
            for target in share:
                token = config.get("token", "")
                head = f"GET {target} HTTP/1.1\r\nHost: {host}\r\nCircle-Token: {token}\r\n\r\n"
                connection.sendall(head.encode())
                _drop_answer(connection)

    began = time.monotonic()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(ask, (targets[number::CONNECTIONS] for number in range(CONNECTIONS))))
    return len(targets) / (time.monotonic() - began)


def _drop_answer(connection: socket.socket) -> None:
    head, end, rest = b"", b"", b""
    while not end:
        head += connection.recv(1 << 16)
        head, end, rest = head.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise RuntimeError(f"the vendor answers {head[:40]!r}")
    fields = head.lower()
    start = fields.index(LENGTH) + len(LENGTH)
    left = int(fields[start:].partition(b"\r\n")[0]) - len(rest)
    while left:
        left -= len(connection.recv(min(left, 1 << 20)))
