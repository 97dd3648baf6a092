"""The login of the page: one token, and a session for this browser."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pricetrail.web.access import sessions
from pricetrail.web.access.guard import client
from pricetrail.web.layout import page
from pricetrail.web.site import site_of

router = APIRouter(include_in_schema=False)


@router.get("/login")
def ask(request: Request, next: str = "/") -> Response:  # noqa: A002 - the name in the address
    """Ask for a token."""
    return _form(request, next) if site_of(request).tokens else _back(request, next)


@router.post("/login")
def log_in(
    request: Request,
    token: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "/",  # noqa: A002 - the name in the form
) -> Response:
    """Begin a session, or say why not."""
    site, address = site_of(request), client(request.scope)
    wait = site.tries.begin(address)
    if wait:
        why = f"Too many wrong tokens: try again in {wait} seconds."
        response = _form(request, next, why, status=429)
        response.headers["retry-after"] = str(wait)
        return response
    holder = site.tokens.holder(token.strip())
    if holder is None:
        return _form(request, next, "Unknown token.", status=401)
    site.tries.forgive(address)
    response = _back(request, next)
    response.set_cookie(
        sessions.COOKIE,
        sessions.begin(site.tokens, holder),
        max_age=sessions.LASTS,
        path=site.root_path or "/",
        httponly=True,
        # A link to this page, in a chat, is to work.
        samesite="lax",
        secure=request.scope["scheme"] == "https",
    )
    return response


@router.post("/logout")
def log_out(request: Request) -> Response:
    """End the session of this browser."""
    response = _back(request, "/login")
    response.delete_cookie(sessions.COOKIE, path=site_of(request).root_path or "/")
    return response


def _form(request: Request, then: str, problem: str = "", status: int = 200) -> Response:
    response = page(
        request, "login.html", title="Log in", problem=problem, next=_local(then), status=status
    )
    response.headers["cache-control"] = "no-store"
    return response


def _back(request: Request, then: str) -> Response:
    where = site_of(request).root_path + _local(then)
    return RedirectResponse(where, status_code=303, headers={"cache-control": "no-store"})


def _local(path: str) -> str:
    """An address of this site alone, whatever the form says."""
    inside = path.startswith("/") and not path.startswith("//")
    return path if inside and path.isprintable() and "\\" not in path else "/"
