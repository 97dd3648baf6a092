"""The application: every page and every address of the API, behind the guard."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.staticfiles import StaticFiles

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.storage.freshness import Freshness
from pricetrail.version import VERSION
from pricetrail.web import api, failures, pages
from pricetrail.web.access.guard import Guard
from pricetrail.web.api.following import Watch
from pricetrail.web.api.parameters import only_known
from pricetrail.web.layout import STATIC
from pricetrail.web.site import Site
from pricetrail.web.unchanged import KnownAnswers, Unchanged

# Each holds a connection of the database while it reads. Beside a file they take turns on one
# interpreter with the polls: more of them slow those, and make no answer come earlier.
_THREADS_OF_FILE, _THREADS_OF_SERVER = 2, 8


def create_app(site: Site) -> FastAPI:
    """The ASGI application of a site.

    Raises:
        InvalidInputError: its root path is that of a page.
    """
    require_another_root(site.root_path)
    freshness, known = Freshness(site.database), KnownAnswers()

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = (
            _THREADS_OF_FILE if freshness.instant else _THREADS_OF_SERVER
        )
        yield
        freshness.close()

    app = FastAPI(
        title="pricetrail",
        version=VERSION,
        summary="What an LLM gateway's models cost, now and at any time",
        # Whatever the environment says: an address may have a token in it, and is told to nobody.
        telemetry={"tracing": False, "metrics": False, "logs": False},
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        redirect_slashes=False,
        generate_unique_id_function=_operation_id,
        middleware=[
            Middleware(Guard),
            Middleware(failures.Unexpected),
            Middleware(Unchanged, freshness=freshness, known=known, clock=site.database.now),
        ],
    )
    app.state.site, app.state.known = site, known
    app.state.watch = Watch(site.database)
    failures.install(app)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    for router in _APIS:
        app.include_router(router)
    for router in _PAGES:
        # Each says that it has no such parameter, rather than answer what was not asked.
        app.include_router(router, dependencies=[Depends(only_known)])
    return app


def require_another_root(root: str) -> None:
    """Refuse a root path that is a page's own.

    Below one nobody could tell whether a proxy has taken the root path away.

    Raises:
        InvalidInputError: it is one.
    """
    paths = [
        route.path for router in ROUTERS for route in router.routes if isinstance(route, Route)
    ]
    first = root.split("/")[1] if root else ""
    if first and first in {path.split("/")[1] for path in ("/static", "/api", *paths)}:
        raise InvalidInputError(f"web.root_path: /{first} is a page's own path: choose another")


def _operation_id(route: APIRoute) -> str:
    """What a client that is written by a program calls an address."""
    return "_".join([*map(str, route.tags), route.name])


def _routers(path: Iterable[str], package: str) -> Iterator[APIRouter]:
    """The `router` of each module of a package, in order of their names."""
    for module in sorted(pkgutil.iter_modules(path), key=lambda found: found.name):
        router = getattr(importlib.import_module(f"{package}.{module.name}"), "router", None)
        if router is not None:
            yield router


# Found when this is imported: what one of them needs and is not installed is missed at once.
_APIS, _PAGES = (tuple(_routers(package.__path__, package.__name__)) for package in (api, pages))
ROUTERS = (*_APIS, *_PAGES)
