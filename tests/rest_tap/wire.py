"""A server that says what a test tells it to, byte by byte: for what no HTTP library would send."""

from __future__ import annotations

import contextlib
import socket
import threading


class Wire:
    """Listens on this machine while the context is open, each connection on a thread of its own.

    Args:
        speak: Speaks on one connection: `speak(connection)`, where `connection.hear()` returns the
            head of the next request and `connection.say(bytes)` answers.
        tls: Speak TLS, with this context.
        spoil: `spoil(socket, number)` does something to a connection instead, and returns True.
    """

    def __init__(self, speak, *, tls=None, spoil=None):
        self.speak = speak
        self.tls = tls
        self.spoil = spoil or (lambda accepted, number: False)
        self.heard = []  # The heads of all requests
        self.connections = 0

    def __enter__(self):
        self._server = socket.create_server(("127.0.0.1", 0))
        place = f"{self._server.getsockname()[1]}"
        self.url = f"https://localhost:{place}" if self.tls else f"http://127.0.0.1:{place}"
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *error):
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                accepted, _ = self._server.accept()
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                threading.Thread(target=self._serve, args=(accepted,), daemon=True).start()

    def _serve(self, accepted):
        with accepted, contextlib.suppress(OSError, EOFError):
            if self.spoil(accepted, self.connections):
                return
            wrapped = self.tls.wrap_socket(accepted, server_side=True) if self.tls else accepted
            with wrapped:
                self.speak(Connection(wrapped, self))


class Connection:
    """One connection, as the server sees it."""

    def __init__(self, accepted, wire):
        self.socket = accepted
        self.wire = wire
        self.number = wire.connections
        self._received = b""

    def hear(self):
        """Wait for a request; return its head.

        Raises:
            EOFError: If the client has gone.
        """
        while b"\r\n\r\n" not in self._received:
            if not (more := self.socket.recv(65536)):
                raise EOFError
            self._received += more
        head, _, self._received = self._received.partition(b"\r\n\r\n")
        self.wire.heard.append(head.decode())
        return head.decode()

    def say(self, data):
        """Send bytes as they are."""
        self.socket.sendall(data)


def answer(body, *headers, status="200 OK"):
    """Write an answer as a server should."""
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", *headers]
    lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def in_turn(*answers):
    """Speak: the first request gets the first of these, and those after the last get the last."""
    left = list(answers)

    def speak(connection):
        while True:
            connection.hear()
            connection.say(left.pop(0) if len(left) > 1 else left[0])

    return speak
