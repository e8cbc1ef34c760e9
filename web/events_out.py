"""Server-Sent Events that are written already: FastAPI's own response would write each anew for every reader."""

from collections.abc import AsyncIterator

from starlette.responses import StreamingResponse


class EventsOut(StreamingResponse):
    """A stream of them; a proxy is asked to hold nothing back."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes], status_code: int = 200) -> None:
        super().__init__(content, status_code, {"X-Accel-Buffering": "no"})
