"""Every answer says what a browser may do with it."""

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient

from pricetrail.catalog.errors import FailedError
from pricetrail.web.access.sending import HEADERS
from tests.web.conftest import MakeClient

TOKEN = "t0ken-of-the-team"
POLICY = HEADERS["content-security-policy"]


def _fail(request: Request) -> None:
    raise RuntimeError("postgresql://user:s3cret@host/ in an error")


def _refuse(request: Request) -> None:
    raise FailedError("this was not to be")


@pytest.fixture
def client(site_client: MakeClient) -> TestClient:
    made = site_client(tokens={"team": TOKEN})
    for path, handler in (("/broken", _fail), ("/api/broken", _fail), ("/refused", _refuse)):
        made.app.add_api_route(path, handler, include_in_schema=False)  # type: ignore[attr-defined] # its type is any ASGI application
    return made


@pytest.mark.parametrize(
    ("path", "status"),
    [
        *(("/", 200), ("/healthz", 200), ("/static/style.css", 200), ("/api/openapi.json", 200)),
        *(("/nowhere", 404), ("/static/none", 404), ("/api/none", 404), ("/?at=never", 400)),
        *(("/broken", 500), ("/api/broken", 500), ("/refused", 503), ("/%00", 400)),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_every_answer_has_the_headers(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path, headers={"authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == status
    assert HEADERS.items() <= answer.headers.items()
    assert answer.headers["cache-control"] in ("no-cache", "no-store", "private, no-cache")
    assert "server" not in answer.headers
    assert (answer.content == b"") is (method == "HEAD")


def test_refusals_and_304s_have_them(client: TestClient) -> None:
    client.headers["authorization"] = f"Bearer {TOKEN}"
    etag = client.get("/").headers["etag"]
    answers = {
        304: client.get("/", headers={"if-none-match": etag}),
        400: client.get("/", headers={"host": "evil.example"}),
        401: client.get("/api/v1/sources", headers={"authorization": "Bearer wr0ng-token"}),
        405: client.post("/"),
        403: client.post("/login", headers={"origin": "null"}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert HEADERS.items() <= answer.headers.items(), status
    style = client.get("/static/style.css").headers["etag"]
    unchanged = client.get("/static/style.css", headers={"if-none-match": style})
    assert unchanged.status_code == 304
    assert HEADERS.items() <= unchanged.headers.items()


def test_the_policy_allows_nothing_from_elsewhere_and_nothing_inline() -> None:
    rules = dict(rule.strip().split(" ", 1) for rule in POLICY.split(";"))
    assert rules["default-src"] == rules["frame-ancestors"] == rules["base-uri"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}
