"""The page of one version."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from pricetrail.catalog import merkle
from pricetrail.queries import snapshot
from pricetrail.storage.database import Database
from pricetrail.web.pages import snapshot as pages
from tests.conftest import Recording
from tests.support.histories import build, catalog, hourly, model, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient
from tests.web.market import EVIL, LONG, market, now

pytestmark = pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)


@pytest.fixture
def url(with_history: Callable[[Recording], str]) -> str:
    return with_history(market)


@pytest.fixture
def client(site_client: MakeClient, url: str) -> TestClient:
    return site_client(url, clock=now)


def page(client: TestClient, revision: object) -> Page:
    answer = client.get(f"/snapshot/{revision}")
    assert answer.status_code == 200
    return read(answer.text)


def test_what_a_version_changed_is_told_by_kind(client: TestClient) -> None:
    shown = page(client, 2)
    assert shown.headings == ["h1 Version 2", "h2 Prices changed 1", "h2 New 1", "h2 Details"]
    repriced, new = (line.text for line in shown.main.all("div", class_="line"))
    assert repriced.startswith("openai/gpt:batch")
    assert "prompt $10.00 → $7.50 /1M ▼ 25%" in repriced
    assert EVIL in new
    last = page(client, 3)
    assert last.headings[1:-1] == [
        "h2 New 1",
        "h2 No longer visible to this key 1",
        "h2 Updated 1",
    ]
    assert any(code.get("title") == LONG for code in last.main.all("code"))


def test_the_baseline_changed_nothing(client: TestClient) -> None:
    assert "is the baseline" in page(client, 1).main.one("p", class_="empty").text


def test_it_leads_to_its_neighbours_and_to_the_comparison(client: TestClient) -> None:
    first, second, last = (page(client, number).links for number in (1, 2, 3))
    assert second["← Version 1"] == "/snapshot/1"
    assert second["Version 3 →"] == "/snapshot/3"
    assert second["compare with the previous version"] == "/compare?a=1&b=2"
    assert second["as it was served"] == "/api/v1/snapshots/2/body"
    assert second["view this catalog"] == "/catalog?at=2026-03-08T10%3A00%3A00Z"
    assert "Version 2 →" in first
    assert [words for words in last if "→" in words] == []
    assert "compare with the previous version" not in first
    assert page(client, "latest").headings[0] == "h1 Version 3"


def test_the_catalog_then_is_that_version(client: TestClient) -> None:
    then = read(client.get(page(client, 2).links["view this catalog"]).text)
    assert then.links["Version 2"] == "/snapshot/2"


def test_hashes_can_be_copied_whole(client: TestClient, url: str) -> None:
    database = Database(url)
    with database.read() as transaction:
        found = snapshot.ask(transaction, None, "2")
    database.close()
    copied = [code.get("data-copy") for code in page(client, 2).main.all("code")]
    wanted = [found.hash, found.catalog_root, found.body_hash]
    assert [text for text in copied if text] == [merkle.hash_text(each) for each in wanted]


def test_a_version_that_is_over_can_be_kept(client: TestClient) -> None:
    assert "immutable" in client.get("/snapshot/2").headers["cache-control"]
    for revision in ("3", "latest~1"):
        assert "immutable" not in client.get(f"/snapshot/{revision}").headers["cache-control"]


def test_there_is_no_page_of_what_is_no_version(client: TestClient) -> None:
    assert client.get("/snapshot/9").status_code == 404
    assert client.get("/snapshot/nine").status_code == 400


def test_of_very_many_events_the_rest_is_compared(
    client: TestClient, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_MOST_EVENTS", 2)
    database = Database(url)
    two = [[model(f"m{n}", tokens(f"0.{n}{k}", "1")) for n in range(3)] for k in (1, 2)]
    build(database, "wide", hourly("10:00", [catalog(*models) for models in two]))
    database.close()
    shown = page(client, "2?source=wide")
    assert len(shown.main.all("div", class_="line")) == 2
    assert shown.headings[1] == "h2 Prices changed 3"
    assert shown.links["Compare with the previous version"] == "/compare?source=wide&a=1&b=2"
