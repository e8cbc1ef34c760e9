"""How the service is: `/healthz`, `/readyz`, `/metrics`. They tell no one's data, and strangers no versions."""

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from web.caller import TheHouse

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
    return JSONResponse({"ready": ready, **parts}, status_code=200 if ready else 503)


@router.get("/metrics", operation_id="metrics", summary="Figures for Prometheus")
def metrics(request: Request) -> Response:
    """Counters and gauges of this process; closed circles are left out of every one."""
    registry: CollectorRegistry = request.app.state.metrics
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
