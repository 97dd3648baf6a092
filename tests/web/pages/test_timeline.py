"""The timeline with its filters, and the page of one event."""

from collections.abc import Sequence
from urllib.parse import quote

import feedparser
import pytest
from starlette.testclient import TestClient

from pricetrail.alerts.webhooks import Webhook
from pricetrail.queries import timeline
from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, hourly, model, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

HOSTILE = "<script>alert(1)</script>\u202e*x*"


def record(url: str) -> None:
    database = Database(url)
    steps = [
        catalog(
            model("gpt", tokens(f"0.00000{n + 1}", "0.00002")),
            model("sol", tokens(f"0.0000{90 - n}", "0" if n else "0.00002")),
            *([model(HOSTILE)] if n == 2 else []),
        )
        for n in range(3)
    ]
    build(database, "one", hourly("10:00", steps))
    build(database, "two", [("10:10", catalog(model("x"))), ("12:10", catalog(model("y")))])
    database.close()


@pytest.fixture
def shown(site_client: MakeClient, sqlite_url: str) -> Page:
    record(sqlite_url)
    return read(site_client(sqlite_url).get("/timeline").text)


def texts(page: Page) -> list[str]:
    return [row.text for row in page.main.all("li")]


def test_groups_stand_newest_first_with_source_and_version(shown: Page) -> None:
    rows = texts(shown)
    assert [row.split()[-2:] for row in rows] == [["two", "v2"], ["one", "v3"], ["one", "v2"]]
    assert "gone" in rows[0]
    assert "y" in rows[0]
    assert "prompt $2.00 → $3.00 /1M ▲ 50%" in rows[1]


def test_a_price_that_became_free_is_said_in_words(shown: Page) -> None:
    assert "completion became free (was $20.00 /1M)" in texts(shown)[2]
    assert "99.99%" not in shown.main.text


def test_names_from_outside_are_inert(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    text = site_client(sqlite_url).get("/timeline").text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "alert(1)" in read(text).main.text


@pytest.mark.parametrize(
    ("query", "versions"),
    [
        ("source=two", ["v2"]),
        ("model=g*", ["v3", "v2"]),
        ("type=model.added&source=one", ["v3"]),
        ("direction=increase", ["v3", "v2"]),
        ("direction=decrease", ["v3", "v2"]),
        ("percent=60", ["v2"]),
        ("percent=60%25", ["v2"]),
        ("model=nothing", []),
        ("at=2026-03-01T11:30:00Z", ["v2"]),
        ("since=2026-03-01T12:05:00Z", ["v2"]),
        ("since=2026-03-01T11:30:00Z&source=one", ["v3"]),
    ],
)
def test_filters(
    site_client: MakeClient, sqlite_url: str, query: str, versions: Sequence[str]
) -> None:
    record(sqlite_url)
    page = read(site_client(sqlite_url).get(f"/timeline?{query}").text)
    assert [row.split()[-1] for row in texts(page)] == list(versions)
    if not versions:
        assert "No events match these filters" in page.main.text


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("percent=many", "\"At least %\" must be a number, 0 or more, not 'many'."),
        ("percent=-1", "a number, 0 or more"),
        ("percent=NaN", "a number, 0 or more"),
        ("cursor=x", "cursor"),
        ("cursor=-1", "cursor"),
        ("since=soon", "since"),
        ("type=model.sold", "model.repriced"),
        ("direction=up", "increase"),
        ("source=three", "three"),
        ("at=soon", "at"),
    ],
)
def test_what_is_asked_wrong_is_a_page_with_the_remedy(
    site_client: MakeClient, sqlite_url: str, query: str, said: str
) -> None:
    record(sqlite_url)
    answer = site_client(sqlite_url).get(f"/timeline?{query}")
    assert answer.status_code in (400, 404)
    assert said in read(answer.text).main.text


def test_older_pages_are_links(
    site_client: MakeClient, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(sqlite_url)
    client = site_client(sqlite_url)
    whole = timeline.ask

    def one_group(*args: object, cursor: str | None, limit: int) -> timeline.TimelineAnswer:
        assert limit > 1
        return whole(*args, cursor=cursor, limit=1)  # type: ignore[arg-type]  # passed on as given

    monkeypatch.setattr(timeline, "ask", one_group)
    address, seen = "/timeline", []
    while address:
        page = read(client.get(address).text)
        seen += texts(page)
        address = page.links.get("Older", "")
    assert [row.split()[-1] for row in seen] == ["v2", "v3", "v2"]
    assert page.links["Newest"] == "/timeline"


def test_an_event_by_itself(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    hook = Webhook(name="chat", url="https://hooks.example.com/secret-path", format="slack")
    client = site_client(sqlite_url, webhooks=(hook,))
    page = read(client.get("/timeline?source=one&model=gpt").text)
    (address, *_) = [link.get("href") or "" for link in page.main.all("a", class_="permalink")]
    answer = client.get(address)
    event = read(answer.text)
    assert event.headings == [
        "h1 gpt",
        "h2 What changed",
        "h2 Delivery",
        "h2 Details",
    ]
    changes, fates = event.tables
    assert changes[1] == [
        "prompt $2.00 → $3.00 /1M ▲ 50%",
        "0.000002",
        "0.000003",
        "USD/token",
    ]
    assert fates[1][:2] == ["chat", "none"]
    assert "secret-path" not in answer.text
    assert client.get("/event/evt_0").status_code == 404


def test_links_of_one_model_lead_to_no_other(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    names = ("auto*", "automatic", "auto?", "auto!", "auto\\*", "\\auto", "!auto*")
    prices = [{name: f"0.{n + 1}{k}" for k, name in enumerate(names)} for n in range(4)]
    steps = [catalog(*(model(name, tokens(of[name], "9")) for name in names)) for of in prices]
    build(database, "s", hourly("10:00", steps))
    database.close()
    client = site_client(sqlite_url)
    overview = read(client.get("/").text)
    often = [link.get("href") or "" for link in overview.main.all("a") if "changes" in link.text]
    assert len(often) == len(names)
    for name in names:
        page = read(client.get(f"/model/{quote(name, safe='')}?since=2026-03-01T12:30:00Z").text)
        (of_often,) = [address for address in often if name in told(client, address) == {name}]
        for address in (page.links["All changes"], page.links["Feed of this model"], of_often):
            assert told(client, address) == {name}


def told(client: TestClient, address: str) -> set[str]:
    """The models that a timeline tells of, or a feed."""
    answer = client.get(address)
    if answer.headers["content-type"].startswith("text/html"):
        return {code.text for code in read(answer.text).main.all("code", class_="id")}
    return {entry.title.split(" ")[0] for entry in feedparser.parse(answer.text).entries}
