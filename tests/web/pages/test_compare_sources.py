"""The page that says who is cheaper."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.web.pages import compare_sources
from pricetrail.web.tables import listed_offers
from pricetrail.web.tables.offers import Comparison
from tests.conftest import Recording
from tests.support.histories import build, catalog, failed, model, poll, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient
from tests.web.market import market, nothing

pytestmark = pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)

EVIL = "<script>x"


def shops(database: Database) -> None:
    cheap = model("a", tokens("0.000002", "0.000015"))
    build(database, "one", [("10:00", catalog(model("a"), model(EVIL), model("alone")))])
    build(
        database,
        "two",
        [("10:00", catalog(model("a"), model(EVIL))), ("12:00", catalog(cheap, model(EVIL)))],
    )


def two_of_nothing(database: Database) -> None:
    failed(database, "one", "10:00")
    failed(database, "two", "10:00")


def page(client: TestClient, query: str = "") -> Page:
    answer = client.get(f"/compare/sources{query}")
    assert answer.status_code == 200
    return read(answer.text)


@pytest.fixture
def url(with_history: Callable[[Recording], str]) -> str:
    return with_history(shops)


@pytest.fixture
def client(site_client: MakeClient, url: str) -> TestClient:
    return site_client(url)


def test_each_model_has_its_offers_the_cheapest_first(client: TestClient) -> None:
    shown = page(client)
    rows = shown.tables[0]
    assert rows[4:] == [
        ["a"],
        ["two", "cheapest $2.00", "same $15.00", "", "1 Mar 2026"],
        ["one", "+50% $3.00", "same $15.00", "", "before 1 Mar 2026"],
    ]
    assert (
        "2 models at two or more sources. By the main price, two is cheapest for 1 model; "
        "1 costs the same everywhere." in shown.main.text
    )
    assert shown.links["two"].startswith("/model/")
    assert "<script>x" not in client.get("/compare/sources").text


def test_with_a_filter_it_says_what_is_shown(client: TestClient) -> None:
    assert (
        "1 of 2 models at two or more sources matches “a”. By the main price, two is cheapest for "
        "1 model. "
    ) in page(client, "?q=a&at=2026-03-01T13:00:00Z").main.text
    one = page(client, "?q=script").main.text
    assert "1 of 2 models at two or more sources matches “script”" in one
    assert "By the main price, 1 costs the same everywhere." in one


def test_at_a_time_it_says_how_certain_each_offer_is(client: TestClient) -> None:
    shown = page(client, "?at=2026-03-01T11:00:00Z&q=a")
    assert [row[:2] for row in shown.tables[0][2:]] == [
        ["one gap", "same $3.00"],
        ["two bracketed", "same $3.00"],
    ]
    assert client.get("/compare/sources?at=2026-01-01").status_code == 404


def test_a_model_of_one_source_is_found_by_its_whole_id(client: TestClient) -> None:
    alone = page(client, "?q=alone")
    assert "Only one source lists this model" in alone.main.text
    assert "two or more sources" not in alone.main.text
    assert alone.tables[0][1:] == [
        ["alone"],
        ["one", "$3.00", "$15.00", "", "before 1 Mar 2026"],
    ]
    assert page(client, "?q=alon").links["Show all"] == "/compare/sources"


def test_it_is_worked_out_once_while_nothing_is_committed(
    client: TestClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = page(client)
    ask, answers = listed_offers.compared_now, []

    def counted(*asked: Any) -> Comparison:
        answers.append(ask(*asked))
        return answers[-1]

    monkeypatch.setattr(compare_sources, "compared_now", counted)
    assert page(client).tables == first.tables
    assert answers == []
    database = Database(url)
    poll(database, "one", "13:00", catalog(model("a", tokens("0.000001", "0.1"))))
    database.close()
    assert page(client).tables[0][2][:2] == ["one", "cheapest $1.00"]
    assert len(answers) == 1


def test_many_come_in_pages(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare_sources, "PAGE", 1)
    shown = page(client, "?sort=difference&page=2")
    assert "2 models, page 2 of 2" in shown.main.one("caption").text
    assert shown.tables[0][1] == [EVIL]
    assert shown.links["1"] == "/compare/sources?sort=difference"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (nothing, "Nothing is recorded yet"),
        (market, "There is only one source, shop"),
        (two_of_nothing, "No catalog has been accepted from these sources yet"),
    ],
)
def test_without_two_catalogs_it_says_what_to_do(
    site_client: MakeClient,
    with_history: Callable[[Recording], str],
    record: Recording,
    words: str,
) -> None:
    shown = page(site_client(with_history(record)))
    assert words in shown.main.text
    assert "pricetrail poll" in shown.main.text
