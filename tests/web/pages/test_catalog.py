"""The page of the catalog, as somebody reads it."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from pricetrail.web.tables import selection
from tests.conftest import Recording
from tests.support.html import Page, read
from tests.web.conftest import MakeClient
from tests.web.market import EVIL, LONG, market, nothing, now, unread

pytestmark = pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)


@pytest.fixture
def client(site_client: MakeClient, with_history: Callable[[Recording], str]) -> TestClient:
    return site_client(with_history(market), clock=now)


def page(client: TestClient, query: str = "") -> Page:
    answer = client.get(f"/catalog{query}")
    assert answer.status_code == 200
    return read(answer.text)


def rows(shown: Page) -> dict[str, list[str]]:
    """The cells of each row by the model's id."""
    table = shown.main.one("table")
    return {
        (row.one("code").get("title") or row.one("code").text): [
            cell.text for cell in row.all("th", "td")
        ]
        for row in table.all("tr")[1:]
    }


def test_a_row_says_what_a_model_costs_and_since_when(client: TestClient) -> None:
    shown = page(client)
    assert shown.tables[0][0][1:3] == ["prompt /1M", "completion /1M"]
    assert rows(shown)["anthropic/claude"] == [
        "anthropic/claude openai",
        "$3.00 before 5 Jan 2026",
        "$15.00 before 5 Jan 2026",
        "",
        "cache read $0.30",
    ]
    assert "5 models" in shown.main.one("caption").text


def test_what_is_new_or_changed_of_late_is_marked(client: TestClient) -> None:
    shown = rows(page(client))
    assert (
        shown["openai/gpt:batch"][0] == "openai/gpt:batch openai · ▼ changed 8 Mar 2026, 10:00 UTC"
    )
    assert shown["openai/gpt:batch"][1] == "▼ $7.50 8 Mar 2026"
    assert {name for name, cells in shown.items() if " new" in cells[0]} == {EVIL, LONG}
    later = rows(page(client, "?at=2026-03-10T11:00:00Z"))
    assert later == shown
    before = rows(page(client, "?at=2026-02-01"))
    assert before["openai/gpt:batch"][:2] == ["openai/gpt:batch openai", "$10.00 before 5 Jan 2026"]
    assert "gone" in before


def test_the_exact_amount_is_on_hover_and_in_the_cells_on_demand(client: TestClient) -> None:
    shown = page(client)
    titles = [price.get("title") for price in shown.main.all("span", class_="price")]
    assert "0.0000075 USD/token, was 0.00001" in titles
    exact = page(client, shown.links["Show exact amounts"].removeprefix("/catalog"))
    assert exact.tables[0][0][1] == "prompt USD/token"
    assert rows(exact)["openai/gpt:batch"][1] == "▼ 0.0000075 8 Mar 2026"


def test_a_small_line_shows_the_last_months(client: TestClient) -> None:
    (line,) = page(client, "?q=gpt").main.all("svg", class_="spark")
    assert line.get("aria-label") == "prompt, 90 days: $10.00 to $7.50 /1M"


def test_prices_of_generation_name_their_own_units(client: TestClient) -> None:
    assert rows(page(client))["pixel"][4] == "image $0.04 per image"
    alone = page(client, "?kind=generation")
    assert alone.tables[0][0][1] == "image per image"
    # On a phone, where a row has no head.
    assert alone.main.all("td", data_label="image per image")
    assert rows(alone) == {
        "pixel": ["pixel gemini · generation · Painter", "$0.04 before 5 Jan 2026", "", ""]
    }


def test_filters_narrow_what_is_shown(client: TestClient) -> None:
    assert list(rows(page(client, "?q=PAINT"))) == ["pixel"]
    assert list(rows(page(client, "?type=gemini"))) == ["pixel"]
    shown = page(client, "?q=gpt+openai")
    assert list(rows(shown)) == ["openai/gpt:batch"]
    assert "5 models, 1 matches" in shown.main.one("caption").text
    nothing = page(client, "?q=nothing-like-it")
    assert "None of the 5 models match" in nothing.main.text
    assert nothing.links["Show all"] == "/catalog"


def test_a_click_on_a_head_sorts_and_another_turns_it_round(client: TestClient) -> None:
    rising = page(client, page(client).links["prompt"].removeprefix("/catalog"))
    (head,) = rising.main.all("th", aria_sort="ascending")
    assert head.text == "prompt ↑ /1M"
    assert list(rows(rising))[-1] == "pixel"  # it has no such price
    falling = page(client, rising.links["prompt ↑"].removeprefix("/catalog"))
    assert [head.text for head in falling.main.all("th", aria_sort="descending")] == [
        "prompt ↓ /1M"
    ]
    assert list(rows(falling)) == [*reversed(list(rows(rising))[:-1]), "pixel"]


def test_any_price_can_be_sorted_by_and_has_a_column_then(client: TestClient) -> None:
    shown = page(client, "?sort=cache.read")
    assert shown.tables[0][0][3] == "cache read ↑ /1M"
    assert rows(shown)["anthropic/claude"][3:] == ["$0.30 before 5 Jan 2026", "", ""]
    chosen = [option.text for option in shown.main.all("option") if "selected" in option.attributes]
    assert chosen == ["cache read"]


def test_what_comes_from_outside_is_inert_and_can_be_read_whole(client: TestClient) -> None:
    text = client.get("/catalog").text
    assert "<script>" not in text
    shown = page(client)
    assert rows(shown)[EVIL][2] == "“free” 8 Mar 2026"
    assert any(code.get("title") == LONG for code in shown.main.all("code"))
    assert f"/model/{LONG}" in shown.links.values()


def test_downloads_are_of_what_is_shown(client: TestClient) -> None:
    links = page(client, "?at=2026-03-01&q=gpt").links
    assert links["JSON"] == "/v1/models?at=2026-03-01"
    assert links["CSV"] == "/catalog.csv?at=2026-03-01&q=gpt"
    assert links["LiteLLM"] == "/api/v1/prices/litellm.json?at=2026-03-01"


def test_a_time_that_is_over_can_be_kept(client: TestClient) -> None:
    assert "immutable" in client.get("/catalog?at=2026-03-01").headers["cache-control"]
    for query in ("", "?at=2026-03-09T10:00:00Z"):
        assert client.get(f"/catalog{query}").headers["cache-control"] == "no-cache"


def test_before_the_first_poll_and_without_a_source_there_is_no_catalog(
    client: TestClient,
) -> None:
    answer = client.get("/catalog?at=2026-01-01")
    assert answer.status_code == 404
    assert "the first is of 2026-01-05" in read(answer.text).main.text
    answer = client.get("/catalog?source=none")
    assert answer.status_code == 404


@pytest.mark.parametrize("record", [nothing, unread])
def test_where_there_is_no_catalog_yet_it_says_what_to_do(
    site_client: MakeClient, with_history: Callable[[Recording], str], record: Recording
) -> None:
    shown = page(site_client(with_history(record)))
    assert "yet" in shown.main.one("div", class_="empty").text
    assert "pricetrail poll" in shown.main.text


def test_long_catalogs_come_in_pages(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "PAGE", 2)
    shown = page(client, "?sort=text.prompt&page=2")
    assert "page 2 of 3" in shown.main.one("caption").text
    assert len(rows(shown)) == 2
    assert shown.links["3"] == "/catalog?sort=text.prompt&page=3"
    assert shown.links["1"] == "/catalog?sort=text.prompt"
