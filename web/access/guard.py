"""What every request passes first: the server's name, the method, and who asks."""

from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from pricetrail.web.access import posts, sessions
from pricetrail.web.access.addresses import below_root, for_gateway_clients, for_programs, path_of
from pricetrail.web.access.sending import as_promised
from pricetrail.web.paths import escaped
from pricetrail.web.problems import problem
from pricetrail.web.site import Site

# What is asked before one can log in, and by those who only want to know whether it lives.
_OPEN = ("/healthz", "/readyz", "/login", "/logout")
_FEED = "/feed.atom"
# Of an address, in characters.
_LONGEST = 8192


class Guard:
    """The outermost layer of the application; `HEAD` is answered as `GET` without its body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        send = as_promised(send, bodiless=head)
        # Another one may have taken its place since the request before.
        site: Site = scope["app"].state.site
        scope = below_root(scope, site.root_path)
        headers = Headers(scope=scope)
        if posts.has_body(headers):
            receive, send = posts.after_the_body(receive, send, headers)
        refusal = _refusal(site, scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
        elif scope["method"] == "POST":
            await self.app(scope, posts.limited(receive, path_of(scope), headers), send)
        else:
            asked = {**scope, "method": "GET", "bodiless": True} if head else scope
            await self.app(asked, receive, send)


def _refusal(site: Site, scope: Scope, headers: Headers) -> Response | None:
    hosts = headers.getlist("host")
    if len(hosts) != 1 or not site.hosts.answers_to(hosts[0]):
        return problem(
            400,
            "this server is not known by the name in the Host header: add it to web.allowed_hosts",
        )
    if len(scope["path"]) + len(scope["query_string"]) > _LONGEST:
        return problem(414, f"the address is longer than {_LONGEST} characters")
    if not _is_plain(scope):
        return problem(400, "the address is malformed")
    path = path_of(scope)
    if scope["method"] not in ("GET", "HEAD"):
        refusal = posts.refusal(scope["method"], path, headers)
        if refusal is not None:
            return refusal
    return None if _is_open(site, scope, path) else _stranger(site, scope, headers, path)


def _is_open(site: Site, scope: Scope, path: str) -> bool:
    if not site.tokens or path.startswith("/static/"):
        return True
    # With a question, `/readyz` names sources.
    return path in _OPEN and not (path == "/readyz" and scope["query_string"])


def _stranger(site: Site, scope: Scope, headers: Headers, path: str) -> Response | None:
    """What to answer whoever shows no good token; None where one was shown."""
    if _has_session(site, scope, headers):
        return None
    token = _bearer(headers)
    if token is None and path == _FEED:
        token = _query_token(scope)
    if token is None:
        return _ask_for_one(scope, path)
    wait = site.tries.begin(client(scope))
    if wait:
        why = f"too many wrong tokens: try again in {wait} seconds"
        retry = {"retry-after": str(wait)}
        return problem(429, why, retry, for_gateway_client=for_gateway_clients(path))
    if site.tokens.holder(token) is None:
        return _unauthorized(path, "unknown token", ', error="invalid_token"')
    site.tries.forgive(client(scope))
    return None


def _has_session(site: Site, scope: Scope, headers: Headers) -> bool:
    """Whether a good cookie came; whoever guesses a token can try it as a cookie, too."""
    cookie = _cookie(headers)
    if not cookie or site.cookie_tries.begin(client(scope)):
        return False
    if sessions.holder(site.tokens, cookie) is None:
        return False
    site.cookie_tries.forgive(client(scope))
    return True


def client(scope: Scope) -> str:
    """The address that a request comes from, as the server sees it."""
    address: str = scope["client"][0] if scope.get("client") else ""
    return address


def _is_plain(scope: Scope) -> bool:
    """Whether it is a path, and one without NUL, which no database takes."""
    path, query = scope["path"], scope["query_string"]
    return path.startswith("/") and "\0" not in path and b"%00" not in query and b"\0" not in query


def _ask_for_one(scope: Scope, path: str) -> Response:
    if for_programs(path):
        return _unauthorized(path, "a token is required: send `Authorization: Bearer TOKEN`")
    query = scope["query_string"].decode("latin-1")
    wanted = escaped(path) + (f"?{query}" if query else "")
    where = f"{scope['root_path']}/login?next={quote(wanted, safe='')}"
    return RedirectResponse(where, status_code=303, headers={"cache-control": "no-store"})


def _unauthorized(path: str, why: str, more: str = "") -> Response:
    headers = {"www-authenticate": f'Bearer realm="pricetrail"{more}'}
    return problem(401, why, headers, for_gateway_client=for_gateway_clients(path))


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _query_token(scope: Scope) -> str | None:
    # Readers of feeds can send no header.
    query: str = scope["query_string"].decode("latin-1")
    return next(iter(parse_qs(query).get("token", [])), None)


def _cookie(headers: Headers) -> str:
    # One cookie of somebody else that is not as it should be must not hide ours.
    return cookie_parser("; ".join(headers.getlist("cookie"))).get(sessions.COOKIE, "")
