"""Every address that the application answers, as it is now."""

import re
from collections.abc import Iterator

from fastapi.routing import APIRoute
from starlette.routing import Route

from pricetrail.web.app import ROUTERS

# What is asked of a page besides what its function names.
_ALL = ("at", "source", "cursor", "page", "limit", "sort")


def routes() -> Iterator[APIRoute]:
    """Those of questions whose answers have an end."""
    for router in ROUTERS:
        for route in router.routes:
            if not isinstance(route, APIRoute) or "stream" in route.path:
                continue
            if "GET" in (route.methods or ()):
                yield route


def names(route: APIRoute) -> list[str]:
    """The parameters that a question may have in its query."""
    in_path = set(re.findall(r"\{(\w+)", route.path))
    own = {
        parameter.alias
        for dependant in (route.dependant, *route.dependant.dependencies)
        for parameter in dependant.query_params
    }
    return sorted((own | set(_ALL)) - in_path)


def filled(route: Route, value: str) -> str:
    """Its path with a value in each place."""
    return re.sub(r"\{\w+(:\w+)?\}", lambda _: value, route.path)
