"""Catalogs that were set aside: those that wait first, what one would announce, its body."""

from datetime import timedelta

import pytest

from pricetrail.catalog.errors import CatalogError
from pricetrail.jobs.polls import reviewing
from pricetrail.queries.quarantine import ReviewAnswer
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.quarantine import REJECTED
from pricetrail.storage.sources import choose
from pricetrail.web.pages import quarantine as pages
from pricetrail.web.site import Review
from tests.support.histories import at, build, catalog, hourly, model, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

NOW = at("14:00")
EVIL = "<script>alert(1)</script>"
BODY = b'{"object": "list", "data": [{"id": "%s", "type_target": "x"}], "total": 1}' % EVIL.encode()


def record(url: str) -> None:
    """Entry 1 was rejected, entry 2 waits: two polls brought it."""
    database = Database(url)
    build(database, "s", hourly("10:00", [catalog(model("gpt", tokens("0.000001", "0.000002")))]))
    with database.write() as transaction:
        source = choose(transaction, "s")
        for reason, when in (("the catalog is empty", "11:00"), (f"all gone {EVIL}", "12:00")):
            quarantine.add(
                transaction,
                source.id,
                reason=reason,
                at=at(when),
                base_version=1,
                catalog_root=bytes(32),
                body=BODY,
                models=1,
                counts={"added": 1, "removed": 1, "repriced": 0, "updated": 0},
            )
        quarantine.decide(transaction, 1, REJECTED, at("11:30"))
        quarantine.seen_again(transaction, 2, at("13:00"), polls=2)
    database.close()


def announces(transaction: Transaction, number: int) -> ReviewAnswer:
    return reviewing.preview(transaction, {}, number, NOW)


def unreadable(transaction: Transaction, number: int) -> ReviewAnswer:
    raise CatalogError(f"not a list {EVIL}")


@pytest.fixture
def recorded(sqlite_url: str) -> str:
    record(sqlite_url)
    return sqlite_url


def get(make: MakeClient, url: str, path: str, review: Review | None = None) -> Page:
    response = make(url, review=review).get(path)
    assert response.status_code == 200, response.text
    assert EVIL not in response.text
    return read(response.text)


def test_those_that_wait_stand_first(site_client: MakeClient, recorded: str) -> None:
    shown = get(site_client, recorded, "/quarantine")
    assert shown.headings[1:] == ["h2 Waiting for a decision 1", "h2 Decided 1"]
    assert shown.table("Waiting")[1][3:] == ["1", "◆ waiting"]
    assert shown.table("Decided")[1][1:] == [
        "s",
        "the catalog is empty",
        "1",
        "rejected 1 Mar 2026",
    ]
    assert shown.links["the catalog is empty"] == "/quarantine/1"


def test_one_that_waits_says_what_it_would_announce_beside_the_commands(
    site_client: MakeClient, recorded: str
) -> None:
    shown = get(site_client, recorded, "/quarantine/2", announces)
    said = shown.main.text
    assert "2 polls in a row, from 1 Mar 2026, 12:00 UTC to 1 Mar 2026, 13:00 UTC" in said
    assert "Approving it would announce 2 events" in said
    new, gone = shown.main.all("div", class_="line")
    assert "gone gpt no longer visible to this key" in f"{new.text} {gone.text}"
    # Neither the events nor the model that it would add have a page yet.
    assert [link.text for link in shown.main.all("a")][-1] == "gpt"
    assert not shown.main.all("a", class_="permalink")
    copied = [code.get("data-copy") for code in shown.main.all("code") if code.get("data-copy")]
    assert copied == ["pricetrail quarantine approve 2", "pricetrail quarantine reject 2"]


def test_of_very_many_events_it_says_how_many_are_shown(
    site_client: MakeClient, recorded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_EVENTS", 1)
    shown = get(site_client, recorded, "/quarantine/2", announces)
    assert "Approving it would announce 2 events The first 1 of 2 events;" in shown.main.text
    assert len(shown.main.all("div", class_="line")) == 1


def test_where_it_cannot_be_worked_out_the_rest_is_shown(
    site_client: MakeClient, recorded: str
) -> None:
    bare = get(site_client, recorded, "/quarantine/2")
    assert "pricetrail quarantine show 2" in bare.main.text
    problem = get(site_client, recorded, "/quarantine/2", unreadable)
    assert "cannot be worked out: not a list" in problem.main.text
    assert "pricetrail quarantine approve 2" in problem.main.text


def test_a_decided_one_has_no_commands(site_client: MakeClient, recorded: str) -> None:
    shown = get(site_client, recorded, "/quarantine/1", unreadable)
    assert "rejected, 1 Mar 2026, 11:30 UTC" in shown.main.text
    assert "never in force" in shown.main.text
    assert "pricetrail quarantine" not in shown.main.text


def test_the_body_is_saved_byte_for_byte(site_client: MakeClient, recorded: str) -> None:
    response = site_client(recorded).get("/quarantine/2/body")
    assert response.content == BODY
    assert response.headers["content-disposition"] == 'attachment; filename="quarantine-2.json"'
    assert response.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/quarantine/9", 404),
        ("/quarantine/9/body", 404),
        ("/quarantine/x", 400),
        ("/quarantine/0", 400),
        ("/quarantine?source=other", 404),
    ],
)
def test_what_there_is_not_is_refused(
    site_client: MakeClient, recorded: str, path: str, status: int
) -> None:
    assert site_client(recorded).get(path).status_code == status


def test_many_decided_ones_come_in_pages(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    database = Database(sqlite_url)
    with database.write() as transaction:
        source = choose(transaction, "s").id
        for n in range(55):
            when = at("15:00") + timedelta(minutes=n)
            made = quarantine.add(
                transaction,
                source,
                reason=f"number {n}",
                at=when,
                base_version=1,
                catalog_root=bytes(32),
                body=BODY,
                models=1,
                counts={},
            )
            quarantine.decide(transaction, made, REJECTED, when)
    database.close()
    first = get(site_client, sqlite_url, "/quarantine")
    assert first.table("Decided")[1][2] == "number 54"
    older = get(site_client, sqlite_url, first.links["older →"])
    assert len(older.table("Decided")) == 7


def test_with_several_sources_one_can_be_chosen(site_client: MakeClient, recorded: str) -> None:
    database = Database(recorded)
    build(database, "two", [("10:00", catalog(model("x")))])
    database.close()
    assert get(site_client, recorded, "/quarantine").links["two"] == "/quarantine?source=two"
    assert (
        "Nothing has been set aside"
        in get(site_client, recorded, "/quarantine?source=two").main.text
    )


def test_an_empty_quarantine_says_what_it_is_for(site_client: MakeClient) -> None:
    assert "Nothing has been set aside" in get(site_client, "", "/quarantine").main.text
