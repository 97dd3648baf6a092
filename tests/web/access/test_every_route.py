"""No address of the application is open by mistake, also one that is yet to be written."""

from collections.abc import Iterable, Iterator

import pytest
from fastapi import APIRouter
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from pricetrail.web.access import sessions
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.access.tries import MOST
from tests.web.addresses import filled
from tests.web.conftest import MakeClient

TOKENS = {"team": "t0ken-of-the-team"}
OPEN = {"/healthz", "/readyz", "/login", "/logout", "/static/x"}
OF_ANOTHER = sessions.begin(Tokens({"team": "an0ther-token"}), "team")
OF_ONE_GONE = sessions.begin(Tokens({"gone": "t0ken-of-the-team"}), "gone")
STRANGERS: tuple[dict[str, str], ...] = (
    {},
    {"authorization": "Bearer t0ken-of-the-tea"},
    {"authorization": "Basic dDprOnQwa2VuLW9mLXRoZS10ZWFt"},
    {"cookie": f"{sessions.COOKIE}={OF_ANOTHER}"},
    {"cookie": f"{sessions.COOKIE}={OF_ONE_GONE}"},
)


def paths(routes: Iterable[BaseRoute]) -> Iterator[str]:
    """Every address, with something in each place."""
    for route in routes:
        if isinstance(route, Mount):
            yield f"{route.path}/x"
        elif isinstance(router := getattr(route, "original_router", None), APIRouter):
            # As FastAPI includes one.
            yield from paths(router.routes)
        else:
            assert isinstance(route, Route), "another kind of route: is it guarded?"
            yield filled(route, "a")


@pytest.fixture
def closed(site_client: MakeClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    client = site_client(tokens=TOKENS)
    monkeypatch.setattr(client.app.state.site.tries, "begin", lambda _: 0)  # type: ignore[attr-defined] # its type is any ASGI application
    return client


def test_nothing_else_is_told_without_a_token(closed: TestClient) -> None:
    found = set(paths(closed.app.routes))  # type: ignore[attr-defined] # its type is any ASGI application
    assert len(found) > 40
    assert found > OPEN
    for path in found - OPEN:
        for headers in STRANGERS:
            for method in ("GET", "HEAD", "POST", "PUT", "OPTIONS"):
                answer = closed.request(method, path, headers=headers)
                assert answer.status_code in (303, 401, 405), (method, path)
                if answer.status_code == 303:
                    assert answer.headers["location"].startswith("/login?next=")
                assert answer.headers["cache-control"] == "no-store", (method, path)
                assert "etag" not in answer.headers


def test_what_is_open_tells_nothing(closed: TestClient) -> None:
    told = {path: closed.get(path) for path in OPEN}
    assert told["/healthz"].json() == {"status": "ok"}
    assert told["/readyz"].json().keys() == {"status"} or "sources" not in told["/readyz"].text
    assert told["/logout"].status_code == 405
    assert told["/static/x"].status_code == 404


def test_with_the_token_each_is_let_in(closed: TestClient) -> None:
    bearer = {"authorization": "Bearer t0ken-of-the-team"}
    for path in set(paths(closed.app.routes)):  # type: ignore[attr-defined] # its type is any ASGI application
        if "stream" not in path:
            assert closed.get(path, headers=bearer).status_code != 401, path


def test_guesses_at_all_addresses_are_counted_together(site_client: MakeClient) -> None:
    client = site_client(tokens=TOKENS)
    wrong = {"authorization": "Bearer wr0ng-token"}
    ways = ("/", "/api/v1/sources", "/feed.atom?token=wr0ng", "/proof/bundle?model=a")
    for number in range(MOST):
        assert client.get(ways[number % len(ways)], headers=wrong).status_code == 401
    assert client.get("/metrics", headers=wrong).status_code == 429
    assert client.post("/login", data={"token": "t0ken-of-the-team"}).status_code == 429
