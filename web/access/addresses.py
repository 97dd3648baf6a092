"""Where a request points to, below the path at which a proxy puts this server."""

from starlette.types import Scope

# Asked by programs: they get a problem document, where a person gets a page.
_PROGRAMS = ("/api/", "/v1/", "/s/", "/at/", "/metrics", "/feed.atom", "/readyz", "/healthz")

# Of them those that a gateway's client can be pointed at.
_GATEWAY = ("/v1/", "/s/", "/at/")


def below_root(scope: Scope, root: str) -> Scope:
    """A request as the rest of the application knows it: its path begins with the root path.

    So it does whether the proxy in front takes the root path away or leaves it.
    """
    path: str = scope["path"]
    if not root:
        return {**scope, "root_path": ""}
    if path == root:
        path += "/"
    elif not path.startswith(root + "/"):
        path = root + path
    return {**scope, "path": path, "root_path": root}


def path_of(scope: Scope) -> str:
    """The path of a request below the root path."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    inside = root and (path == root or path.startswith(root + "/"))
    return (path[len(root) :] if inside else path) or "/"


def for_programs(path: str) -> bool:
    """Whether a path, below the root path, is asked by programs rather than people."""
    return path.startswith(_PROGRAMS)


def for_gateway_clients(path: str) -> bool:
    """Whether a path, below the root path, is one that a client of the gateway itself asks."""
    return path.startswith(_GATEWAY)
