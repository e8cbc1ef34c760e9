"""How the service is: `/healthz`, `/readyz`, `/metrics`. They tell no one's data, and strangers no versions."""

from fastapi import APIRouter, Depends, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, PlainTextResponse, Response

from access.roles import Permission
from web.api.describe import problems
from web.caller import May, TheHouse
from web.peer import is_loopback
from web.problems import RETRY_AFTER_S

router = APIRouter(tags=["status"])


@router.get("/healthz", operation_id="healthz", summary="Is the process up?")
async def healthz() -> dict[str, str]:
    """The process answers; nothing else is asked."""
    return {"status": "up"}


@router.get(
    "/readyz", operation_id="readyz", summary="Can it do its work?", responses={503: {"description": "Not now"}}
)
async def readyz(house: TheHouse) -> JSONResponse:
    """The database is reachable and at head, and the writer and the watch are alive."""
    parts = await run_in_threadpool(house.is_ready)
    ready = all(parts.values())
    headers = {} if ready else {"Retry-After": str(RETRY_AFTER_S)}
    return JSONResponse({"ready": ready, **parts}, 200 if ready else 503, headers)


_may_read_metrics = May(Permission.READ_METRICS)


async def _scraper(request: Request) -> None:
    """This machine's own, or an administrator's token: figures and their times are for nobody else."""
    if not (request.client and is_loopback(request.client.host)):
        await _may_read_metrics(request)


@router.get(
    "/metrics", operation_id="metrics", summary="Figures for Prometheus", dependencies=[Depends(_scraper)],
    response_class=PlainTextResponse, responses=problems(401, 403),
)  # fmt: skip
def metrics(request: Request) -> Response:
    """Counters and gauges of this process, for this machine or a token of an administrator; no closed circle's."""
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
