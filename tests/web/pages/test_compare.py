"""The page that compares two versions."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from pricetrail.web.pages import compare
from tests.conftest import Recording
from tests.support.html import Page, read
from tests.web.conftest import MakeClient
from tests.web.market import EVIL, LONG, NOW, market, nothing, now, unread

pytestmark = pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)


@pytest.fixture
def client(site_client: MakeClient, with_history: Callable[[Recording], str]) -> TestClient:
    return site_client(with_history(market), clock=now)


def page(client: TestClient, query: str = "") -> Page:
    answer = client.get(f"/compare{query}")
    assert answer.status_code == 200
    return read(answer.text)


def test_it_says_what_lies_between_two_versions(client: TestClient) -> None:
    shown = page(client, "?a=baseline&b=latest")
    assert shown.headings[1].startswith("h2 version 1, 5 Jan 2026, 10:00 UTC → version 3")
    assert shown.headings[2:] == [
        "h2 Prices changed 1",
        "h2 Added 2",
        "h2 No longer visible to this key 1",
        "h2 Updated 1",
    ]
    assert (
        "4 models → 5 models: 2 added, 1 removed, 1 repriced (▼ 1 down), 1 updated, 1 unchanged."
        in shown.main.text
    )
    assert "prompt $10.00 → $7.50 /1M ▼ 25%" in shown.main.text
    assert "context nothing → 1" in shown.main.text
    assert shown.links["gone"] == "/model/gone?at=2026-01-05T10%3A00%3A00Z"
    assert shown.links["Permalink"] == "/compare?a=1&b=3"
    assert shown.links["JSON"] == "/api/v1/diff?from=baseline&to=latest"


def test_now_is_the_latest(client: TestClient) -> None:
    assert page(client, "?a=baseline&b=now").fields == {"a": "baseline", "b": "latest"}


def test_without_a_question_it_is_the_last_week(client: TestClient) -> None:
    shown = page(client)
    assert shown.fields == {"a": "2026-03-03T12:00:00Z", "b": "latest"}
    assert shown.headings[1].endswith("version 3, 9 Mar 2026, 10:00 UTC")
    (current,) = shown.main.all("a", aria_current="true")
    assert current.text == "7 days"


def test_where_nothing_changed_lately_it_goes_further_back(
    site_client: MakeClient, with_history: Callable[[Recording], str]
) -> None:
    later = site_client(with_history(market), clock=lambda: NOW + timedelta(days=20))
    assert page(later).fields["a"] == "2026-02-28T12:00:00Z"
    same = page(later, "?a=latest&b=3")
    assert "Both are version 3" in same.main.text


def test_usual_comparisons_reach_as_far_as_history(client: TestClient) -> None:
    links = page(client).links
    assert links["last change"] == "/compare?a=2&b=3"
    assert links["30 days"] == "/compare?a=2026-02-08T12%3A00%3A00Z&b=latest"
    assert "90 days" not in links
    assert links["baseline to latest"] == "/compare?a=baseline&b=latest"
    then = page(client, "?at=2026-03-08T12:00:00Z")
    assert then.links["baseline to then"] == (
        "/compare?at=2026-03-08T12%3A00%3A00Z&a=baseline&b=2026-03-08T12%3A00%3A00Z"
    )
    assert "version 2" in then.headings[1]


def test_it_can_be_turned_round(client: TestClient) -> None:
    swapped = page(client, page(client, "?a=1&b=3").links["Swap"].removeprefix("/compare"))
    assert "5 models → 4 models: 1 added, 2 removed" in swapped.main.text
    assert "prompt $7.50 → $10.00 /1M ▲ 33.3%" in swapped.main.text


def test_names_from_outside_are_inert_and_whole(client: TestClient) -> None:
    text = client.get("/compare?a=1&b=3").text
    assert "<script>" not in text
    assert EVIL in read(text).links
    assert any(code.get("title") == LONG for code in read(text).main.all("code"))


def test_of_many_the_rest_is_shown_on_demand(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare, "_MOST_LINES", 1)
    shown = page(client, "?a=1&b=3")
    assert len(shown.main.all("ul", class_="names")[0].all("li")) == 1
    more = page(client, shown.links["Show 1 more"].removeprefix("/compare"))
    assert len(more.main.all("ul", class_="names")[0].all("li")) == 2


def test_what_is_no_revision_is_refused_with_the_forms(client: TestClient) -> None:
    answer = client.get("/compare?a=soon")
    assert answer.status_code == 400
    assert "latest~3 or baseline" in read(answer.text).main.text
    assert client.get("/compare?a=9").status_code == 404
    assert client.get("/compare?source=none").status_code == 404


@pytest.mark.parametrize("record", [nothing, unread])
def test_where_there_is_no_catalog_yet_it_says_what_to_do(
    site_client: MakeClient, with_history: Callable[[Recording], str], record: Recording
) -> None:
    shown = page(site_client(with_history(record)))
    assert "There is nothing to compare yet" in shown.main.text
    assert "pricetrail poll" in shown.main.text
