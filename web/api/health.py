"""Whether it lives, and whether it can answer."""

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

router = APIRouter(tags=["service"])


@router.get("/healthz")
async def alive() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers={"cache-control": "no-store"})
