"""A model that is to be retired, from the gateway's list to every place that shows it."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from starlette.testclient import TestClient

import pricetrail
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.app import create_app
from pricetrail.web.site import Site
from tests.jobs.stage import START, listing, model, staged
from tests.pricetrail.commands.running import URL, document, shown
from tests.support.html import read

DAY = 24 * 60
DATE = "2026-04-20"
NAMES = [f"old-{n}" for n in range(5)]
LATE = START + timedelta(days=21)


@pytest.fixture(autouse=True)
def _history() -> None:
    """Five models get a date at the second poll, and are reminded of thirty days before it."""
    Path("pricetrail.db").write_bytes(recorded())


@cache
def recorded() -> bytes:
    """The database with it: written once in each process of the tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "prices.db"
        prepare(f"sqlite:///{file}")
        with staged(f"sqlite:///{file}") as stage:
            stage.poll(listing(model("new"), *map(model, NAMES)))
            retired = [model(name, sunset_at=DATE) for name in NAMES]
            stage.poll(listing(model("new"), *retired))
            stage.poll(after=20 * DAY)
        return file.read_bytes()


@pytest.fixture
def client() -> Iterator[TestClient]:
    with ExitStack() as stack:
        database = Database(URL, clock=lambda: LATE)
        stack.callback(database.close)
        site = Site(database=database, hosts=Hosts("127.0.0.1"))
        yield stack.enter_context(TestClient(create_app(site), base_url="http://127.0.0.1"))


WORDS = "to be retired on 20 April 2026"


def test_commands_say_the_date_when_it_came_and_each_reminder() -> None:
    assert f"\n{WORDS} (in 30 days)\n" in shown("price", "old-1")
    assert document("price", "old-1")["sunset_at"] == DATE
    assert "sunset_at" not in document("price", "new")
    assert shown("models").count(WORDS) == 5
    history = shown("history", "old-1")
    assert [line.split("  ")[-1].strip() for line in history.splitlines()[1:]] == [
        "baseline",
        f"{WORDS} (in 50 days)",
        f"{WORDS} (in 30 days)",
    ]
    events: Any = document("history", "old-1")["events"]
    assert [(one["type"], one.get("sunset", {}).get("reminder")) for one in events] == [
        *(("baseline", None), ("model.sunset", 0), ("model.sunset", 30))
    ]
    assert shown("events", "--type", "model.sunset").count(f"{WORDS} (in 30 days)") == 5
    assert document("diff", "1", "2")["updated"][0]["changes"][0]["new"] == DATE
    assert document("snapshots")["snapshots"][1]["counts"]["updated"] == 5
    assert document("verify")["ok"]
    with pricetrail.connect() as prices:
        said = [one.type for one in prices.events(types=["model.sunset"], model="old-1").events]
    assert said == ["model.sunset"] * 2


def test_pages_show_the_date_and_what_is_said_at_one_poll_as_one_line(client: TestClient) -> None:
    overview = read(client.get("/").text)
    assert "h2 Upcoming retirements" in overview.headings
    assert [row[0] for row in overview.tables[1][1:]] == ["20 April 2026"] * 5
    assert "retires 5 models" in overview.main.text
    assert f"{WORDS} (in 30 days)" in overview.main.text
    catalog = read(client.get("/catalog").text).main.text
    assert catalog.count(WORDS) == 5
    page = read(client.get("/model/old-1").text).main.text
    assert page.count(WORDS) == 2
    assert WORDS not in read(client.get("/model/new").text).main.text
    version = read(client.get("/snapshot/2").text)
    assert "h2 To be retired 5" in version.headings
    [first, *_] = document("events", "--type", "model.sunset", "--model", "old-1")["events"]
    event = read(client.get(f"/event/{first['data']['id']}").text).main.text
    assert WORDS in event
    timeline = client.get("/timeline?type=model.sunset").text
    assert f"{WORDS} (in 50 days)" in read(timeline).main.text


def test_the_api_the_feed_and_the_metrics_have_it(client: TestClient) -> None:
    found = client.get("/api/v1/events?type=model.sunset&model=old-1").json()["events"]
    assert [one["data"]["sunset"]["reminder"] for one in found] == [0, 30]
    assert client.get("/v1/models/old-1").json()["sunset_at"] == DATE
    feed = ET.fromstring(client.get("/feed.atom?type=model.sunset&model=old-1").text)
    titles = [one.text for one in feed.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == [f"old-1 — {WORDS} (in 30 days)", f"old-1 — {WORDS} (in 50 days)"]
    assert '"reminder":30' in client.get("/feed.atom").text.replace("&quot;", '"')
    line = 'pricetrail_events_total{source="pipellm",type="model.sunset"} 10.0'
    assert line in client.get("/metrics").text
    history = client.get("/api/v1/models/old-1/history").json()["events"]
    assert history[-1]["sunset"]["days_left"] == 30


def test_a_back_test_sends_reminders_at_their_own_time() -> None:
    Path("pricetrail.toml").write_text(
        f'database_url = "{URL}"\n[sources.pipellm]\napi_key = "k"\nhold = "1h"\n'
        '[webhooks.w]\nurl = "https://example.com/x"\nevents = ["model.sunset"]\n',
        encoding="utf-8",
    )
    found = document("webhooks", "backtest", "w", "--last", "3650d")
    assert [(day["day"], day["events"], day["blips"]) for day in found["days"]] == [
        *(("2026-03-01", 5, 0), ("2026-03-21", 5, 0))
    ]
