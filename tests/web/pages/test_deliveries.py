"""The outbox as people look at it: the webhooks, the messages, and one of them with its tries."""

import json
from datetime import timedelta

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.queries import events
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, leases, webhooks
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED, PENDING, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from tests.support.histories import at, build, catalog, hourly, model, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

NOW = at("14:00")
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOOKS = (
    Webhook(name="billing", url="http://127.0.0.1/hidden-path", secrets=(SECRET,)),
    Webhook(name="chat", url="http://127.0.0.1/hidden-chat", format="slack"),
)
HOSTILE = "<img src=x onerror=1>\u202e"


def record(url: str) -> None:
    """`billing`: one message delivered, one dead, one tried once; `gone`, no longer configured."""
    database = Database(url)
    steps = [catalog(model(HOSTILE, tokens(f"0.00000{n + 1}", "0.00002"))) for n in range(3)]
    build(database, "s", hourly("10:00", steps))
    ids = [event.id for event in events.ask(database).events]
    assert len(ids) == 2
    with database.write() as transaction:
        owed = [NewDelivery("d1", "billing", (ids[0],)), NewDelivery("d2", "billing", (ids[1],))]
        owed += [NewDelivery("d3", "billing", tuple(ids), blips=(("evt_" + "0" * 40,),))]
        deliveries.enqueue(transaction, [*owed, NewDelivery("d4", "gone", (ids[0],))], at("13:00"))
        taken = leases.claim(
            transaction, "billing", ordered=True, token="t", now=NOW, lease_until=NOW, most=3
        )
        tries = [
            Attempt(taken[0], DELIVERED, at("13:01"), None, 200),
            Attempt(taken[1], DEAD, at("13:02"), None, 410, f"gone {HOSTILE}"),
            Attempt(
                taken[2], PENDING, at("13:03"), NOW + timedelta(minutes=5), 503, "answered 503"
            ),
        ]
        leases.record_attempt(transaction, tries)
        webhooks.count_delivered(transaction, "billing", 1, at("10:00"))
        webhooks.failed(transaction, "billing", at("13:02"))
        webhooks.remember_error(transaction, "billing", "answered 503", at("13:03"))
        webhooks.disable(transaction, "gone", "its host does not exist", NOW)
    database.close()


def get(make: MakeClient, url: str, path: str, status: int = 200) -> Page:
    response = make(url, webhooks=HOOKS).get(path)
    assert response.status_code == status, response.text
    for hidden in ("hidden-", SECRET, "<img", "\u202e", "style="):
        assert hidden not in response.text
    return read(response.text)


def test_each_webhook_stands_with_its_state(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    rows = get(site_client, sqlite_url, "/deliveries").table("Webhooks")
    failing = ["billing json", "◆ failing since 1 Mar 2026, 13:02 UTC", "1", "1", "1"]
    assert rows[1] == [*failing, "1 Mar 2026, 10:00 UTC", "1 Mar 2026, 14:05 UTC", "–"]
    assert rows[2][0].startswith("Last error")
    assert rows[2][0].endswith(": answered 503")
    assert rows[3] == ["chat slack", "● on", "0", "0", "0", "–", "–", "–"]
    assert rows[4][:3] == ["gone", "◆ paused: its host does not exist", "1"]
    assert "pricetrail webhooks resume gone" in rows[5][0]


def test_messages_stand_newest_first_with_what_is_next(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url)
    shown = get(site_client, sqlite_url, "/deliveries")
    rows = [row[1:] for row in shown.table("Messages")[1:]]
    assert rows[0] == ["gone", "1 event", "waiting", "–"]
    assert rows[1] == [
        "billing",
        "3 events",
        "1 failed attempt, next due 1 Mar 2026, 14:05 UTC",
        "answered 503",
    ]
    assert rows[2][2] == "dead after 1 attempt"
    assert shown.table("Messages")[4] == ["pricetrail deliveries retry d2"]
    [command] = shown.main.all("code", data_copy="pricetrail deliveries retry d2")
    assert command.text == "pricetrail deliveries retry d2"
    assert rows[4][2:] == ["delivered", "200"]


@pytest.mark.parametrize(
    ("query", "webhook_and_state"),
    [
        ("?state=dead", [["billing", "dead after 1 attempt"]]),
        ("?webhook=gone", [["gone", "waiting"]]),
        ("?state=delivered&webhook=billing", [["billing", "delivered"]]),
    ],
)
def test_messages_can_be_filtered(
    site_client: MakeClient, sqlite_url: str, query: str, webhook_and_state: list[list[str]]
) -> None:
    record(sqlite_url)
    rows = get(site_client, sqlite_url, f"/deliveries{query}").table("Messages")[1:]
    assert [[row[1], row[3]] for row in rows if len(row) > 1] == webhook_and_state


def test_what_there_is_not_is_said(site_client: MakeClient, sqlite_url: str) -> None:
    assert "No webhook" in read(site_client(sqlite_url).get("/deliveries").text).main.text
    assert "No messages yet" in get(site_client, sqlite_url, "/deliveries").main.text
    none = get(site_client, sqlite_url, "/deliveries?state=dead")
    assert "No messages in this state" in none.main.text
    lost = get(site_client, sqlite_url, "/deliveries?state=lost", 400)
    assert "valid: waiting, delivered, dead, cancelled" in lost.main.text
    assert "no delivery 'd9'" in get(site_client, sqlite_url, "/delivery/d9", 404).main.text


def test_it_tells_of_now_also_on_the_way_through_the_past(
    site_client: MakeClient, sqlite_url: str
) -> None:
    shown = get(site_client, sqlite_url, "/deliveries?at=2026-01-01")
    assert "This page shows the past" not in shown.text
    [overview] = shown.all("a", class_="brand")
    assert overview.get("href") == "/?at=2026-01-01"


def test_pages_go_on_by_a_cursor(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.write() as transaction:
        owed = [NewDelivery(f"d{number}", "chat", ("e",)) for number in range(60)]
        deliveries.enqueue(transaction, owed, NOW)
    database.close()
    first = get(site_client, sqlite_url, "/deliveries")
    assert len(first.table("Messages")) == 51
    second = get(site_client, sqlite_url, first.links["older →"])
    assert len(second.table("Messages")) == 11
    assert "older →" not in second.links
    assert second.links["← newest"] == "/deliveries#messages"


def test_one_message_tells_its_attempts_and_events(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url)
    dead = get(site_client, sqlite_url, "/delivery/d2")
    assert dead.table("Attempts")[1][:2] == ["1 Mar 2026, 13:02 UTC", "410"]
    assert "pricetrail deliveries retry d2" in dead.main.text
    waiting = get(site_client, sqlite_url, "/delivery/d3")
    assert "Next attempt due 1 Mar 2026, 14:05 UTC" in waiting.main.text
    lines = waiting.main.all("div", class_="line")
    assert len(lines) == 2
    assert any("prompt $2.00 → $3.00" in line.text for line in lines)
    links = [link.get("href") or "" for line in lines for link in line.all("a")]
    assert sum(link.startswith("/event/evt_") for link in links) == 2
    # A third is no longer there.
    assert "1 more event" in waiting.main.text
    untried = get(site_client, sqlite_url, "/delivery/d4")
    assert "None yet" in untried.main.text
    assert json.dumps(untried.tables) == "[]"
