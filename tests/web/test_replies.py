"""An answer as HTTP: its ETag, how long it may be kept, and 304."""

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from pricetrail.web.bodies import of_text
from pricetrail.web.replies import matches, reply
from tests.web.conftest import MakeClient

LONG = "0123456789" * 60_000


def _short(request: Request) -> Response:
    return reply(request, of_text("short"), "text/plain", headers={"x-more": "1"})


def _settled(request: Request) -> Response:
    return reply(request, of_text("settled"), "text/plain", settled=True)


def _long(request: Request) -> Response:
    return reply(request, of_text(LONG), "text/plain")


def _error(request: Request) -> Response:
    return reply(request, of_text("error"), "text/plain", status=404)


def with_handlers(client: TestClient) -> TestClient:
    for handler in (_short, _settled, _long, _error):
        client.app.add_api_route(f"/{handler.__name__[1:]}", handler)  # type: ignore[attr-defined] # its type is any ASGI application
    return client


@pytest.fixture
def client(site_client: MakeClient) -> TestClient:
    return with_handlers(site_client())


@pytest.mark.parametrize(("path", "text"), [("/short", "short"), ("/long", LONG)])
def test_an_answer_is_given_once(client: TestClient, path: str, text: str) -> None:
    answer = client.get(path)
    assert answer.text == text
    assert answer.headers["content-length"] == str(len(text))
    etag = answer.headers["etag"]
    for sent in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        again = client.get(path, headers={"if-none-match": sent})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == etag
        assert again.headers["cache-control"] == answer.headers["cache-control"]
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("tokens", "short", "settled"),
    [
        (None, "no-cache", "public, max-age=31536000, immutable"),
        (
            {"team": "t0ken-of-the-team"},
            "private, no-cache",
            "private, max-age=31536000, immutable",
        ),
    ],
)
def test_what_is_settled_may_be_kept_and_what_needs_a_token_by_no_proxy(
    site_client: MakeClient, tokens: dict[str, str] | None, short: str, settled: str
) -> None:
    client = with_handlers(site_client(tokens=tokens))
    client.headers["authorization"] = "Bearer t0ken-of-the-team"
    assert client.get("/short").headers["cache-control"] == short
    assert client.get("/settled").headers["cache-control"] == settled
    assert client.get("/short").headers["x-more"] == "1"


def test_an_error_is_never_unchanged(client: TestClient) -> None:
    etag = client.get("/error").headers["etag"]
    assert client.get("/error", headers={"if-none-match": etag}).status_code == 404


def test_the_head_of_a_long_answer_is_that_of_the_answer(client: TestClient) -> None:
    asked, head = client.get("/long"), client.head("/long")
    assert head.content == b""
    assert dict(head.headers) == dict(asked.headers)


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (None, False),
        ("", False),
        ('"a"', True),
        ('W/"a"', True),
        ('"b" , "a"', True),
        ("*", True),
        ("a", False),
        ('"A"', False),
        ('"b"', False),
    ],
)
def test_etags_are_compared_weakly(header: str | None, found: bool) -> None:
    assert matches(header, '"a"') is found
