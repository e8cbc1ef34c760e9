"""Scripts and styles, each under the build's own name: kept by the browser for ever, and never of another version.

`vendor/` holds other people's files as they were built (`LICENCES.md` there says whose), `own/` ours.
"""

import gzip
import hashlib
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

import web.console

router = APIRouter(include_in_schema=False)
FOLDERS = ("own", "vendor")
PREFIX = "/assets/"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_ROOT = files(web.console) / "assets"


@cache
def _known() -> dict[str, bytes]:
    """Name → content of every file that pages may ask for."""
    found: dict[str, bytes] = {}
    for folder in FOLDERS:
        for file in (_ROOT / folder).iterdir():
            if file.is_file() and _suffix(file) in _TYPES:
                found[file.name] = file.read_bytes()
    return found


def _suffix(file: Traversable) -> str:
    return "." + file.name.rpartition(".")[2]


@cache
def build() -> str:
    """A name of this build: the digest of all that is served."""
    digest = hashlib.sha256()
    for name, content in sorted(_known().items()):
        digest.update(name.encode() + b"\x00" + content)
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Where a page finds a file; a name that is none is a mistake of ours."""
    if name not in _known():
        raise KeyError(name)
    return f"{PREFIX}{build()}/{name}"


@cache
def _packed(name: str) -> bytes:
    """Compressed once: these are the same for everybody, and hold no secret that a length could tell."""
    return gzip.compress(_known()[name], 9, mtime=0)


@router.get("/assets/{of_build}/{name}", operation_id="asset")
def asset(request: Request, of_build: str, name: str) -> Response:
    """A file of this build; another build's name finds nothing, so that versions never mix."""
    if of_build != build() or name not in _known():
        raise HTTPException(404)
    media_type = _TYPES["." + name.rpartition(".")[2]]
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(
            _packed(name), media_type=media_type, headers={"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        )
    return Response(_known()[name], media_type=media_type, headers={"Vary": "Accept-Encoding"})
