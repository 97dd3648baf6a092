"""Every error is an answer: a problem document for programs, a page with the remedy for people."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.testclient import TestClient

from pricetrail.catalog.errors import InvalidInputError, NotFoundError, UnavailableError
from pricetrail.storage.freshness import Freshness
from pricetrail.storage.schema import HEAD, OLDEST
from tests.support.html import read
from tests.web.conftest import MakeClient

SECRET = "postgresql://user:s3cret@host/prices"


def _raises(error: Exception) -> object:
    def handler(request: Request) -> None:
        raise error

    return handler


def _ends_early(request: Request) -> StreamingResponse:
    def pieces() -> Iterator[bytes]:
        yield b"x"
        raise RuntimeError(SECRET)

    return StreamingResponse(pieces())


def _number(request: Request, n: int) -> None:
    """Needs a whole number."""


@pytest.fixture
def client(site_client: MakeClient) -> TestClient:
    made = site_client()
    handlers = {
        "input": _raises(InvalidInputError("at: \x1b[31mno time: write <b>2026-03-01</b>")),
        "none": _raises(NotFoundError("no such model")),
        "busy": _raises(UnavailableError("try later")),
        "fault": _raises(ValueError(SECRET)),
        "plain": _raises(HTTPException(410, "gone")),
        "early": _ends_early,
        "number": _number,
    }
    for name, handler in handlers.items():
        for path in (f"/{name}", f"/api/{name}"):
            made.app.add_api_route(path, handler, include_in_schema=False)  # type: ignore[attr-defined] # its type is any ASGI application
    return made


@pytest.mark.parametrize(
    ("name", "status", "detail"),
    [
        ("input", 400, "at: \ufffd[31mno time: write <b>2026-03-01</b>"),
        ("none", 404, "no such model"),
        ("busy", 503, "try later"),
        ("plain", 410, "gone"),
        ("fault", 500, "ValueError: this should not happen; see the service's log"),
        ("number?n=x", 400, "n: not a whole number: write one such as 20"),
        ("number", 400, "n: missing: add n=VALUE"),
    ],
)
def test_an_error_is_told_in_the_shape_that_whoever_asked_can_use(
    client: TestClient, name: str, status: int, detail: str
) -> None:
    program = client.get(f"/api/{name}")
    assert program.status_code == status
    assert program.headers["content-type"] == "application/problem+json"
    assert program.json()["detail"].startswith(detail)
    person = client.get(f"/{name}")
    page = read(person.text)
    assert person.status_code == status
    assert person.headers["cache-control"] == "no-store"
    assert page.main.one(class_="remedy").text.startswith(detail)
    assert page.main.all("b") == []


def test_what_is_wrong_is_a_sentence_on_a_page(client: TestClient) -> None:
    for name, line in (("busy", "try later."), ("nowhere", "Page not found.")):
        assert read(client.get(f"/{name}").text).main.one(class_="remedy").text == line
    assert client.get("/api/nowhere").json()["detail"] == "there is no such address: see /api/docs"


def test_a_time_that_cannot_be_read_stays_in_its_box(site_client: MakeClient) -> None:
    answer = site_client().get("/catalog?at=last+week&source=s")
    assert answer.status_code == 400
    page = read(answer.text)
    box = page.one("input", id="as-of")
    assert (box.get("value"), box.get("aria-invalid")) == ("last week", "true")
    problem = page.main.one("p", role="alert")
    assert problem.get("id") == box.get("aria-describedby")
    assert "'last week' is not a time: write 2026" in problem.text
    # Nothing of the past is shown, and nothing leads to the same error again.
    assert page.all("p", class_="past") == []
    assert not [one for one in page.all("a") if "last" in (one.get("href") or "")]
    assert page.links["this page as of now"] == "/catalog?source=s"
    (timeline,) = [one.get("href") for one in page.all("a") if one.text == "Timeline"]
    assert timeline == "/timeline?source=s"


def test_now_is_not_the_past(site_client: MakeClient) -> None:
    page = read(site_client().get("/?at=now").text)
    assert page.all("p", class_="past") == []


def test_a_fault_is_logged_with_its_place_and_without_its_text(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = client.get("/fault")
    assert "s3cret" not in answer.text
    (record,) = caplog.records
    assert record.getMessage().startswith("ValueError at /fault (test_failures.py:")
    assert "s3cret" not in caplog.text


def test_an_answer_that_fails_when_it_has_begun_is_cut_off(client: TestClient) -> None:
    answer = client.get("/early")
    assert (answer.status_code, answer.text) == (200, "x")


def test_a_damaged_database_is_named_as_such(site_client: MakeClient, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    client = site_client(sqlite_url)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "is damaged" in read(answer.text).main.one(class_="remedy").text


ASKED = ["/", "/timeline", "/api/v1/events", "/v1/models", "/metrics", "/feed.atom"]
RESTART = "then restart pricetrail web or pricetrail run"


def changed(url: str, *statements: str) -> None:
    """What another process does to the database."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
        for statement in statements:
            other.execute(statement)
        other.commit()


def told(client: TestClient, path: str) -> str:
    """What a 503 says."""
    answer = client.get(path)
    assert answer.status_code == 503, path
    if "json" in answer.headers["content-type"]:
        return str(answer.json()["detail"]).replace("`", "")
    return read(answer.text).main.text


@pytest.mark.parametrize(
    ("version", "remedy"),
    [
        ("9999", "which is newer than this pricetrail"),
        (OLDEST, "run pricetrail db upgrade, then restart"),
    ],
)
def test_a_schema_that_changed_meanwhile_is_told_with_the_remedy(
    site_client: MakeClient, sqlite_url: str, version: str, remedy: str
) -> None:
    client = site_client()
    before = [client.get(path).status_code for path in ASKED]
    assert set(before) <= {200, 404}
    changed(sqlite_url, f"UPDATE alembic_version SET version_num = '{version}'")
    for path in ASKED:
        said = told(client, path)
        assert f"the database has schema {version}" in said
        assert remedy in said
        assert RESTART in said
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()["schema"]) == (503, version)
    assert {client.get(path).status_code for path in ("/healthz", "/static/style.css")} == {200}
    # Whatever was done about it: no restart is needed once it is right again.
    changed(sqlite_url, f"UPDATE alembic_version SET version_num = '{HEAD}'")
    assert [client.get(path).status_code for path in ASKED] == before


@pytest.mark.parametrize(
    "statements",
    [
        ["ALTER TABLE source RENAME TO sources", "UPDATE alembic_version SET version_num = '9999'"],
        ["ALTER TABLE source RENAME TO sources", "DROP TABLE alembic_version"],
    ],
)
def test_a_schema_that_is_found_out_by_what_fails_is_told_likewise(
    site_client: MakeClient,
    sqlite_url: str,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Freshness, "token", lambda _: None)
    client = site_client()
    changed(sqlite_url, "ALTER TABLE source RENAME TO sources")
    assert RESTART not in told(client, "/")
    changed(sqlite_url, "ALTER TABLE sources RENAME TO source", *statements)
    for path in ("/", "/api/v1/events"):
        assert RESTART in told(client, path)


def test_a_probe_without_a_token_is_not_told_where_the_database_is(site_client: MakeClient) -> None:
    url = "postgresql+psycopg://user:s3cret@127.0.0.1:1/prices?connect_timeout=1"
    client = site_client(url, tokens={"team": "t0ken-of-the-team"})
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["detail"] == "not ready: /readyz?sources=1, with a token, says why"
    bearer = {"authorization": "Bearer t0ken-of-the-team"}
    told = client.get("/readyz?sources=1", headers=bearer)
    assert told.status_code == 503
    assert "127.0.0.1/prices" in told.json()["detail"]
    assert "s3cret" not in told.text
