"""Operations of the API: a path, the parameters that it takes, and the function that answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.circleci.answers import check_parameters
from sandbox.routing import Router

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.circleci.world import World
    from sandbox.messages import Request, Response

PREFIX = "/api/v2"


class Operations:
    """A set of operations of one version of the API."""

    def __init__(self, prefix: str = PREFIX) -> None:
        self._router = Router(prefix)

    def get(self, pattern: str, *parameters: str) -> Callable[..., Any]:
        """Register what answers a GET."""
        return self.add("GET", pattern, *parameters)

    def add(self, method: str, pattern: str, *parameters: str) -> Callable[..., Any]:
        """Register what answers, and which parameters it takes."""

        def register(handler: Callable[..., Response]) -> Callable[..., Response]:
            def answer(world: World, request: Request, **captures: str) -> Response:
                check_parameters(request, parameters)
                return handler(world, request, **captures)

            self._router.add(method, pattern)(answer)
            return handler

        return register

    def find(self, request: Request) -> tuple[Callable[..., Response], dict[str, str]] | None:
        """Find what answers a request."""
        return self._router.find(request.method, request.raw_path)
