"""What pages are compared with: the same framework and layout, and nothing else."""

from typing import Annotated

import jinja2
from fastapi import FastAPI, Header, Request
from starlette.responses import HTMLResponse, Response

from pricetrail.text.sanitize import sanitize
from pricetrail.web.layout import NAVIGATION, STATIC, address

_TAG = '"0123456789abcdef0123456789abcdef"'


def create_bare() -> FastAPI:
    """An application with one page and one route that answers 304; no layer lies around them."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader(STATIC.parent / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    templates.filters["clean"] = sanitize
    app = FastAPI(openapi_url=None)

    @app.get("/")
    def page(request: Request, source: str = "", at: str = "") -> HTMLResponse:
        """The layout around nothing; a thread answers, as for every page."""

        def link(path: str, /, **more: object) -> str:
            return address(path, more)

        text = templates.get_template("layout.html").render(
            title="Bare",
            link=link,
            plain_link=link,
            here=link,
            asked=dict(request.query_params),
            path=request.url.path,
            at=at,
            at_written=at,
            at_unreadable=False,
            source=source,
            navigation=NAVIGATION,
            logged_in=False,
            live=True,
            version="0",
        )
        return HTMLResponse(text, headers={"etag": _TAG})

    @app.get("/unchanged")
    async def unchanged(if_none_match: Annotated[str, Header()] = "") -> Response:
        """Nothing new; no thread is needed for it."""
        return Response(None, 304 if if_none_match == _TAG else 200, {"etag": _TAG})

    return app
