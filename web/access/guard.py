"""What every request passes first: the server's name, the method, and who asks."""

from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pricetrail.web.access import sessions
from pricetrail.web.problems import problem
from pricetrail.web.site import Site

# The only requests that are no questions; none of them changes what is stored.
POSTS = ("/login", "/logout", "/proof/check")
# What is asked before one can log in, and by those who only want to know whether it lives.
_OPEN = ("/healthz", "/readyz", "/login", "/logout")
_FEED = "/feed.atom"
# Asked by programs: they get a problem document, where a person gets the login.
_PROGRAMS = ("/api/", "/v1/", "/s/", "/at/", "/metrics", "/feed.atom", "/readyz", "/healthz")

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


def for_programs(path: str) -> bool:
    """Whether a path, below the root path, is asked by programs rather than people."""
    return path.startswith(_PROGRAMS)


def path_of(scope: Scope) -> str:
    """The path of a request below the root path."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    return path.removeprefix(root) or "/" if root and path.startswith(root) else path


class Guard:
    """The outermost layer of the application; `HEAD` is answered as `GET` without its body."""

    def __init__(self, app: ASGIApp, site: Site) -> None:
        self.app = app
        self.site = site

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        send = _sending(send, bodiless=head)
        headers = Headers(scope=scope)
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        asked = {**scope, "method": "GET", "bodiless": True} if head else scope
        await self.app(asked, receive, send)

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        path = path_of(scope)
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self.site.hosts.answers_to(hosts[0]):
            return problem(
                400,
                "this server is not known by the name in the Host header: "
                "add it to web.allowed_hosts",
            )
        if scope["method"] not in ("GET", "HEAD") and not self._may_post(scope, headers, path):
            return problem(405, "this server only answers questions", {"allow": "GET, HEAD"})
        if not self.site.tokens or path in _OPEN or path.startswith("/static/"):
            return None
        return self._stranger(scope, headers, path)

    def _may_post(self, scope: Scope, headers: Headers, path: str) -> bool:
        # A form of another site is no form of ours (https://fetch.spec.whatwg.org/#sec-fetch).
        ours = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
        return scope["method"] == "POST" and path in POSTS and ours

    def _stranger(self, scope: Scope, headers: Headers, path: str) -> Response | None:
        """What to answer whoever shows no good token; None where one was shown."""
        cookie = _cookie(headers)
        if cookie is not None and sessions.holder(self.site.tokens, cookie) is not None:
            return None
        token = _bearer(headers)
        if token is None and path == _FEED:
            token = _query_token(scope)
        if token is None:
            return _ask_for_one(scope, path)
        address = client(scope)
        wait = self.site.tries.wait(address)
        if wait:
            return problem(429, "too many wrong tokens: try later", {"retry-after": str(wait)})
        if self.site.tokens.holder(token) is not None:
            return None
        self.site.tries.failed(address)
        return _unauthorized("this token is not known here")


def client(scope: Scope) -> str:
    """The address that a request comes from, as the server sees it."""
    address: str = scope["client"][0] if scope.get("client") else ""
    return address


def _ask_for_one(scope: Scope, path: str) -> Response:
    if for_programs(path):
        return _unauthorized("a token is needed: send `Authorization: Bearer TOKEN`")
    query = scope["query_string"].decode("latin-1")
    wanted = path + (f"?{query}" if query else "")
    where = f"{scope.get('root_path', '')}/login?next={quote(wanted, safe='')}"
    return RedirectResponse(where, status_code=303, headers={"cache-control": "no-store"})


def _unauthorized(why: str) -> Response:
    return problem(401, why, {"www-authenticate": 'Bearer realm="pricetrail"'})


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _query_token(scope: Scope) -> str | None:
    # Readers of feeds can send no header.
    query: str = scope["query_string"].decode("latin-1")
    return next(iter(parse_qs(query).get("token", [])), None)


def _cookie(headers: Headers) -> str | None:
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load(headers.get("cookie", ""))
    except CookieError:
        return None
    found = jar.get(sessions.COOKIE)
    return None if found is None else found.value


def _sending(send: Send, *, bodiless: bool) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-cache")
        elif bodiless and message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return sending
