"""The catalog where a client of the gateway looks for it."""

from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, model
from tests.web.api.recordings import ODD
from tests.web.conftest import MakeClient

_PAST = "2026-03-01T09:30:00Z"


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("below", ["", "/s/s", f"/at/{_PAST}", f"/s/s/at/{_PAST}"])
def test_one_model_is_named_by_its_whole_id(client: TestClient, below: str, name: str) -> None:
    for escaped in (quote(name), quote(name, safe="")):
        answer = client.get(f"{below}/v1/models/{escaped}")
        assert answer.json() == model(name)
    settled = "immutable" in answer.headers["cache-control"]
    assert settled == ("/at/" in below)


def test_a_model_is_served_letter_for_letter(client: TestClient) -> None:
    listed = client.get("/v1/models").text
    assert client.get("/v1/models/m").text.strip() in listed
    assert "\\u202ebidi" in listed


def test_an_unknown_model_has_near_ones(client: TestClient) -> None:
    answer = client.get("/v1/models/openai/gpt-5:fre")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert "did you mean openai/gpt-5:free?" in answer.json()["detail"]


def test_a_model_that_is_gone_is_served_from_the_time_when_it_was_listed(
    client: TestClient,
) -> None:
    answer = client.get("/v1/models/gone")
    assert (answer.status_code, "does not list it now" in answer.text) == (404, True)
    assert client.get(f"/at/{_PAST}/v1/models/gone").json()["id"] == "gone"


def test_before_the_first_snapshot_there_is_nothing(client: TestClient) -> None:
    answer = client.get("/at/2026-02-28/v1/models")
    assert (answer.status_code, "the first is of" in answer.text) == (404, True)


def test_several_sources_are_named(both: TestClient) -> None:
    answer = both.get("/v1/models")
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "there are several sources: name one with /s/NAME before the path, or source=NAME"
        " (east, west)"
    )
    assert "name one with source=NAME (east, west)" in both.get("/api/v1/head").json()["detail"]
    assert [it["id"] for it in both.get("/v1/models?source=west").json()["data"]] == ["m", "west"]
    assert both.get("/s/east/v1/models/west").status_code == 404
    assert both.get("/s/north/v1/models").status_code == 404


def test_a_name_of_a_source_may_hold_slashes(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "team/eu", [("10:00", catalog(model("x/v1/models/y")))])
    database.close()
    client = site_client(sqlite_url)
    for below in ("/s/team/eu", "/s/team%2Feu/at/2026-03-02"):
        assert client.get(f"{below}/v1/models").json()["total"] == 1
        assert client.get(f"{below}/v1/models/x/v1/models/y").json()["id"] == "x/v1/models/y"


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/v1/models?At=2026-03-01", "did you mean at?"),
        ("/v1/models/m?date=2026-03-01", "did you mean at?"),
        ("/v1/models?Source=s", "did you mean source?"),
        ("/at/2026-03-01T10:00:00Z/v1/models?at=2026-03-01", "the address says already which time"),
        ("/s/s/v1/models?source=s", "the address says already which source"),
        ("/v1/models?at=2026-03-01&at=2026-03-02", "at is given more than once"),
        ("/v1/models?at=yesterday", "at: 'yesterday' is not a time"),
        ("/at/yesterday/v1/models", "the time in the path: 'yesterday' is not a time"),
    ],
)
def test_what_may_be_a_slip_never_gives_the_prices_of_today(
    client: TestClient, address: str, said: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, said in answer.json()["detail"]) == (400, True), answer.text


def test_what_a_client_sends_besides_is_left_alone(client: TestClient) -> None:
    asked = client.get("/v1/models?limit=20&after=m&order=asc&api-version=2026-01-01&source=&at=")
    assert asked.content == client.get("/v1/models").content
