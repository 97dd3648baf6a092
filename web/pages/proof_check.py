"""Whether a bundle that somebody has proves a price; nothing of it is stored."""

import asyncio

import anyio
import anyio.to_thread
from fastapi import APIRouter
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.claimed_prices import claimed_prices
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.saved_heads import SavedHeadError, saved_head
from pricetrail.queries import evidence
from pricetrail.queries.evidence import CheckAnswer
from pricetrail.text.sanitize import sanitize
from pricetrail.web.asked import ThisRequest
from pricetrail.web.layout import page

router = APIRouter(include_in_schema=False)

# Seconds in which a file must have come.
_ARRIVES_IN = 60
# So many problems, prices or sentences of one bundle are shown.
_SHOWN = 50
_LONGEST = 600


@router.get("/proof/check")
def show(asked: ThisRequest) -> Response:
    """The form."""
    return _page(asked.request)


@router.post("/proof/check")
async def check(request: Request) -> Response:
    """Check what was sent; how much that may be, the guard has seen to."""
    try:
        async with asyncio.timeout(_ARRIVES_IN):
            form = await request.form(max_files=1, max_fields=1, max_part_size=4096)
    except TimeoutError:
        raise HTTPException(408, f"the file did not come within {_ARRIVES_IN} seconds") from None
    try:
        content, name, head = await _sent(form)
    finally:
        await form.close()
    # One at a time: a hostile one costs seconds and hundreds of megabytes.
    return await anyio.to_thread.run_sync(
        _answer, request, content, name, head, limiter=_one_at_a_time(request)
    )


async def _sent(form: FormData) -> tuple[bytes, str, str]:
    """The file, what it is called, and the head that it is to be checked against."""
    file, head = form.get("bundle"), form.get("head")
    written = head if isinstance(head, str) else ""
    if not isinstance(file, UploadFile):
        return b"", "", written
    return await file.read(), file.filename or "", written


def _answer(request: Request, content: bytes, name: str, head: str) -> Response:
    if not content:
        return _page(
            request, head=head, problem="Choose a bundle first; the file must not be empty."
        )
    try:
        saved = saved_head(head) if head.strip() else None
    except SavedHeadError as error:
        return _page(request, head=head, problem=str(error))
    try:
        answer = evidence.ask_check(content, saved)
    except CatalogError as error:
        return _page(request, head=head, problem=_not_a_bundle(error))
    return _page(request, head=head, answer=answer, name=name, status=200)


def _not_a_bundle(error: CatalogError) -> str:
    """Why nothing of it was checked."""
    # Where a parser stopped in it helps nobody who chose another file.
    why = str(error).partition(": ")[0]
    return f"This file is not a bundle ({why})."


def _page(
    request: Request,
    *,
    head: str = "",
    problem: str = "",
    answer: CheckAnswer | None = None,
    name: str = "",
    status: int | None = None,
) -> Response:
    response = page(
        request,
        "proof_check.html",
        title="Check a bundle",
        active="proof",
        at="",  # it tells of now, whatever the page before showed
        head=sanitize(head, 100) if head.strip() else "",
        problem=sanitize(problem, _LONGEST) if problem else "",
        answer=answer,
        name=name,
        sides=[] if answer is None else _sides(answer),
        shown=_SHOWN,
        inert=lambda text: sanitize(text, _LONGEST),
        status=status or (400 if problem else 200),
    )
    if request.method == "POST":
        response.headers["cache-control"] = "no-store"
    return response


def _sides(answer: CheckAnswer) -> list[tuple[str, int, object]]:
    """What a bundle says of prices: (before or after, the version, its prices)."""
    claim = answer.finding.claim
    if claim is None:
        return []
    both = [("before", claim.before), ("after", claim.after)]
    some = [(words, side) for words, side in both if side is not None] or [("", claim.stated)]
    return [(words, side.version, claimed_prices(side)[:_SHOWN]) for words, side in some]


def _one_at_a_time(request: Request) -> anyio.CapacityLimiter:
    """The limit of this application; made where its loop runs."""
    state = request.app.state
    if not hasattr(state, "checking"):
        state.checking = anyio.CapacityLimiter(1)
    limiter: anyio.CapacityLimiter = state.checking
    return limiter
