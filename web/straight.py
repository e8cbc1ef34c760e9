"""A route that answers by itself, where FastAPI's own way to the answer takes longer than what the answer needs.

FastAPI documents it and routes to it; resolving what a signature asks for, and validating what comes out once more,
took a tenth of all work on an event. The permission is declared and asked as on any other route, and first.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from web.caller import May


class Straight(APIRoute):
    """Its function takes the request, whose caller has been let in, and answers a response."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Ask who is there, then answer."""
        [asked] = self.dependencies
        may, answer = asked.dependency, self.endpoint
        assert isinstance(may, May), f"{self.path}: its only dependency is its permission"

        async def handle(request: Request) -> Response:
            await may(request)
            response: Response = await answer(request)
            return response

        return handle
