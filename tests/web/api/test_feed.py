"""The feed, as a reader of feeds sees it."""

from collections.abc import Callable

import feedparser
from starlette.testclient import TestClient

from tests.conftest import Recording
from tests.web.api.recordings import one_source
from tests.web.conftest import MakeClient


def test_a_reader_finds_nothing_wrong_and_every_event(client: TestClient) -> None:
    answer = client.get("/feed.atom")
    assert answer.headers["content-type"] == "application/atom+xml"
    feed = feedparser.parse(answer.content)
    assert (feed.bozo, feed.version) == (False, "atom10")
    listed = client.get("/api/v1/events").json()["events"]
    assert {entry.id for entry in feed.entries} == {
        f"tag:pricetrail,2026:{event['data']['id']}" for event in listed
    }
    assert feed.feed.updated == max(event["timestamp"] for event in listed)
    links = {link.rel: link.href for link in feed.feed.links}
    assert links["self"] == "http://127.0.0.1/feed.atom"
    assert links["alternate"] == "http://127.0.0.1/timeline"
    first = feed.entries[0]
    assert first.link == f"http://127.0.0.1/event/{first.id.rpartition(':')[2]}"
    assert client.get(first.link).status_code == 200


def test_an_entry_tells_the_exact_change(client: TestClient) -> None:
    feed = feedparser.parse(client.get("/feed.atom?type=model.repriced&model=m").content)
    back, cut = feed.entries
    assert cut.title.startswith("m ▼ — prompt $3.00 → $2.50 /1M (−16.7%)")
    text = cut.content[0].value
    for fact in (
        "<li>type: model.repriced</li>",
        "<li>source: s</li>",
        "<li>version: 2</li>",
        "<li>direction: decrease</li>",
        "(2026-03-01T09:00:00Z to 2026-03-01T10:00:00Z)</li>",
        "<li>/pricing/cache/read: (absent) → 0.00000025 USD/token</li>",
        "<li>/pricing/text/prompt: 0.000003 → 0.0000025 USD/token (-16.67 %)</li>",
    ):
        assert fact in text
    assert "0.00000025 → (absent)" in back.content[0].value
    assert cut.updated == "2026-03-01T10:00:00Z"


def test_what_came_and_went_is_told_with_its_prices(client: TestClient) -> None:
    feed = feedparser.parse(client.get("/feed.atom?type=model.added&type=model.removed").content)
    assert sorted(entry.tags[0].term for entry in feed.entries) == ["model.added", "model.removed"]
    for entry in feed.entries:
        assert "<li>/pricing/text/completion: 0.000015 USD/token</li>" in entry.content[0].value
        came = (
            " is new — prompt $" if entry.tags[0].term == "model.added" else " is no longer visible"
        )
        assert came in entry.title


def test_a_feed_goes_on_in_pages(both: TestClient) -> None:
    whole = feedparser.parse(both.get("/feed.atom").content)
    before = whole.entries[0]
    number = 4
    page = feedparser.parse(both.get(f"/feed.atom?before={number}&source=east").content)
    assert before.id not in {entry.id for entry in page.entries}
    links = {link.rel: link.href for link in page.feed.links}
    assert links["self"].endswith("/feed.atom?source=east&before=4")
    assert links["first"].endswith("/feed.atom?source=east")


def test_a_token_in_the_address_is_not_repeated(
    site_client: MakeClient, recorded: Callable[[Recording], str]
) -> None:
    guarded = site_client(recorded(one_source), tokens={"team": "a-long-token"})
    assert guarded.get("/feed.atom").status_code == 401
    answer = guarded.get("/feed.atom?token=a-long-token")
    assert (answer.status_code, "a-long-token" in answer.text) == (200, False)
    assert answer.headers["cache-control"] == "private, no-cache"


def test_what_a_feed_is_not_asked_with_is_refused(client: TestClient) -> None:
    for query in ("sorce=s", "type=model.moved", "before=x"):
        assert client.get(f"/feed.atom?{query}").status_code == 400
