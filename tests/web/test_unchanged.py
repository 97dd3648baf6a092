"""304 at once, where nothing was committed since."""

from datetime import timedelta

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.web.bodies import of_text
from pricetrail.web.replies import HTML, Known, reply
from pricetrail.web.site import site_of
from pricetrail.web.unchanged import _MOST, _MOST_CONTENT, KnownAnswers
from tests.support.histories import at, catalog, model, poll
from tests.web.conftest import MakeClient

calls: list[str] = []


def _counted(request: Request) -> Response:
    with site_of(request).database.read() as transaction:
        found = transaction.exec_driver_sql("SELECT count(*) FROM poll").scalar_one()
    calls.append(request.url.path)
    return reply(request, of_text(f"{found} {request.url.query}"), "text/plain")


def _page(request: Request) -> Response:
    calls.append(request.url.path)
    return reply(request, of_text(f"page {len(calls)}"), HTML)


def _brief(request: Request) -> Response:
    calls.append(request.url.path)
    return reply(request, of_text(f"page {len(calls)}"), HTML, timeless=timedelta(seconds=30))


def _clocked(request: Request) -> Response:
    calls.append(request.url.path)
    return reply(request, of_text("now"), "text/plain", timeless=False)


@pytest.fixture
def client(site_client: MakeClient, database_url: str) -> TestClient:
    calls.clear()
    made = site_client(database_url)
    made.app.add_api_route("/counted", _counted)  # type: ignore[attr-defined] # its type is any ASGI application
    made.app.add_api_route("/clocked", _clocked)  # type: ignore[attr-defined] # likewise
    return made


def test_who_has_the_answer_is_told_so_without_building_it(
    client: TestClient, database_url: str
) -> None:
    first = client.get("/counted")
    kept = {"if-none-match": first.headers["etag"]}
    assert client.get("/counted", headers=kept).status_code == 304
    assert len(calls) == 1
    database = Database(database_url)
    poll(database, "pipellm", "10:00", catalog(model("a")))
    database.close()
    second = client.get("/counted", headers=kept)
    assert (second.status_code, second.text) == (200, "1 ")
    assert len(calls) == 2


def test_a_page_is_given_again_until_something_is_committed(
    client: TestClient, database_url: str
) -> None:
    client.app.add_api_route("/page", _page)  # type: ignore[attr-defined] # its type is any ASGI application
    first, again = client.get("/page"), client.get("/page")
    assert (again.text, dict(again.headers)) == ("page 1", dict(first.headers))
    head = client.head("/page")
    assert (head.content, head.headers["etag"]) == (b"", first.headers["etag"])
    assert client.get("/page?a=1").text == "page 2"
    database = Database(database_url)
    poll(database, "pipellm", "10:00", catalog(model("a")))
    database.close()
    assert client.get("/page").text == "page 3"


def test_what_the_clock_changes_little_is_given_again_for_a_while(
    site_client: MakeClient, sqlite_url: str
) -> None:
    calls.clear()
    now = [at("10:00")]
    client = site_client(sqlite_url, clock=lambda: now[0])
    client.app.add_api_route("/brief", _brief)  # type: ignore[attr-defined] # its type is any ASGI application
    times = ("10:00", "10:00", "10:01", "10:01", "10:00")
    shown = []
    for time in times:
        now[0] = at(time)
        shown.append(client.get("/brief").text)
    # The last time the clock was set back.
    assert shown == ["page 1", "page 1", "page 2", "page 2", "page 3"]


def test_another_question_is_another_answer(client: TestClient) -> None:
    first = client.get("/counted?a=1")
    kept = {"if-none-match": first.headers["etag"]}
    assert client.get("/counted?a=2", headers=kept).status_code == 200
    assert client.get("/counted?a=1").status_code == 200
    assert len(calls) == 3


def test_what_follows_from_the_clock_is_built_each_time(client: TestClient) -> None:
    kept = {"if-none-match": client.get("/clocked").headers["etag"]}
    assert client.get("/clocked", headers=kept).status_code == 304
    assert len(calls) == 2


def test_a_304_needs_a_token_as_the_answer_does(site_client: MakeClient, sqlite_url: str) -> None:
    client = site_client(sqlite_url, tokens={"team": "t0ken-of-the-team"})
    client.app.add_api_route("/api/counted", _counted)  # type: ignore[attr-defined] # its type is any ASGI application
    bearer = {"authorization": "Bearer t0ken-of-the-team"}
    etag = client.get("/api/counted", headers=bearer).headers["etag"]
    assert client.get("/api/counted", headers={"if-none-match": etag}).status_code == 401
    both = {**bearer, "if-none-match": etag}
    assert client.get("/api/counted", headers=both).status_code == 304


def test_the_pages_that_are_kept_are_bounded_by_their_size() -> None:
    known = KnownAnswers()
    for number in range(4):
        content = bytes(_MOST_CONTENT // 3)
        known.put(bytes([number]), Known("token", str(number), "no-cache", content=content))
    assert [known.find(bytes([number]), "token") is not None for number in range(4)] == [
        False,
        True,
        True,
        True,
    ]


def test_memory_is_bounded() -> None:
    known = KnownAnswers()
    answer = Known("token", '"etag"', "no-cache")
    for number in range(_MOST + 10):
        known.put(number.to_bytes(4), answer)
    assert known.find((9).to_bytes(4), "token") is None
    assert known.find((10).to_bytes(4), "token") is answer
    assert known.find((10).to_bytes(4), "later") is None
