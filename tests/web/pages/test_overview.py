"""The overview: what needs a person comes first, and is absent when nothing does."""

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import polls
from pricetrail.web.pages import overview
from tests.support.histories import at, build, catalog, failed, hourly, model, quarantined, tokens
from tests.support.html import read
from tests.web.conftest import MakeClient

HOOK = Webhook(name="chat", url="https://hooks.example.com/secret-path", format="slack")


def record(url: str) -> Database:
    database = Database(url)
    steps = [catalog(model("gpt", tokens(f"0.00000{9 - n}", "0.00002"))) for n in range(5)]
    build(database, "one", hourly("10:00", steps))
    return database


def test_an_empty_database_says_what_to_do(site_client: MakeClient, sqlite_url: str) -> None:
    page = read(site_client(sqlite_url).get("/").text)
    assert "Nothing is recorded yet" in page.main.text
    assert "pricetrail poll" in page.main.text
    assert page.headings == ["h1 Overview"]


def test_where_all_is_well_only_sources_and_changes_are_shown(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url).close()
    page = read(site_client(sqlite_url, clock=lambda: at("14:10")).get("/").text)
    assert page.headings == ["h1 Overview", "h2 Sources", "h2 Latest changes"]
    (sources,) = page.tables
    row = dict(zip(sources[0], sources[1], strict=True))
    assert row["source"] == "one"
    assert row["health"] == "● good last poll 1 Mar 2026, 14:00 UTC"
    assert (row["models"], row["version"]) == ("1", "5")


def test_a_source_of_the_configuration_that_was_never_polled_stands_beside_the_others(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url).close()
    client = site_client(sqlite_url, clock=lambda: at("14:10"), configured={"one": {}, "two": {}})
    (listed,) = read(client.get("/").text).tables
    rows = [dict(zip(listed[0], row, strict=True)) for row in listed[1:]]
    assert [(row["source"], row["models"], row["version"]) for row in rows][:1] == [
        ("one", "1", "5")
    ]
    assert rows[1]["source"] == "two"
    assert "not polled yet" in rows[1]["health"]


def test_a_source_that_nobody_polls_any_more_says_since_when(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url).close()
    page = read(site_client(sqlite_url, clock=lambda: at("2026-06-04")).get("/").text)
    assert "◆ not polled lately last poll 1 Mar 2026, 14:00 UTC" in page.main.text


def test_a_model_that_changes_every_hour_is_one_line(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url).close()
    page = read(site_client(sqlite_url, clock=lambda: at("14:10")).get("/").text)
    (row,) = page.main.all("li")
    assert "4 changes since" in row.text
    assert "prompt $9.00 → $5.00 /1M ▼ 44.4%" in row.text


def test_what_needs_a_person_comes_first(site_client: MakeClient, sqlite_url: str) -> None:
    database = record(sqlite_url)
    quarantined(database, "one", "15:00", "the catalog is empty")
    failed(database, "one", "16:00", "503 <b>from</b> the gateway")
    with database.write() as transaction:
        (state,) = sources.states(transaction)
        polls.remember_failing(transaction, state.id, at("13:00"))
    database.close()
    client = site_client(sqlite_url, clock=lambda: at("16:10"), webhooks=(HOOK,))
    answer = client.get("/")
    page = read(answer.text)
    assert page.headings[:2] == ["h1 Overview", "h2 Needs your attention"]
    needs = page.main.one("section").text
    assert "one cannot be read: 1 poll failed" in needs
    assert "503 <b>from</b> the gateway" in needs
    assert "<b>from" not in answer.text
    assert "secret-path" not in answer.text


@pytest.mark.parametrize("query", ["", "?at=2026-03-01T12:30:00Z"])
def test_the_past_says_that_it_is_the_past(
    site_client: MakeClient, sqlite_url: str, query: str
) -> None:
    record(sqlite_url).close()
    page = read(site_client(sqlite_url, clock=lambda: at("14:10")).get(f"/{query}").text)
    said = [one.text for one in page.all("p", class_="past")]
    assert len(said) == bool(query)
    changes = page.main.all("li")
    assert len(changes) == (2 if query else 1)


@pytest.mark.parametrize(
    ("fails", "expected"),
    [
        (False, "one was last polled 1 Mar 2026, 14:00 UTC, and should have been since."),
        (True, "one was last read 1 Mar 2026, 14:00 UTC: 1 poll has failed since. no answer"),
    ],
)
def test_an_overdue_source_says_whether_anybody_polls_it(
    site_client: MakeClient, sqlite_url: str, fails: bool, expected: str
) -> None:
    database = record(sqlite_url)
    if fails:
        failed(database, "one", "16:00", "no answer")
    with database.write() as transaction:
        (state,) = sources.states(transaction)
        sources.remember_schedules(transaction, {state.id: ("[]", at("15:30"))})
    database.close()
    page = read(site_client(sqlite_url, clock=lambda: at("16:10")).get("/?at=2026-03-01").text)
    assert "h2 Needs your attention as it is now" in page.headings
    needs = page.main.one("section").text
    assert expected in needs
    assert ("pricetrail run" in needs) is not fails


def test_of_many_sources_those_that_need_somebody_come_first_and_all_are_found(
    site_client: MakeClient, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "_SHOWN", 2)
    database = Database(sqlite_url)
    for name in ("a", "b", "c", "d", "e"):
        build(database, name, [("10:00", catalog(model("m")))])
    failed(database, "d", "11:00")
    database.close()
    client = site_client(sqlite_url, clock=lambda: at("11:10"), configured={"e": {"team": "x"}})

    def listed(address: str) -> tuple[str, str]:
        page = read(client.get(address).text)
        rows = [dict(zip(page.tables[0][0], row, strict=True)) for row in page.tables[0][1:]]
        return "".join(row["source"][0] for row in rows), page.main.text

    names, said = listed("/")
    assert names == "da"
    assert "5 sources, those that need somebody first; page 1 of 3" in said
    assert listed("/?page=2")[0] == "bc"
    names, said = listed("/?q=team%3Dx")
    assert (names, "1 of 5 sources matches" in said) == ("e", True)
    assert listed("/?q=b")[0] == "b"
    assert "0 of 5 sources match “nobody”" in read(client.get("/?q=nobody").text).main.text


def test_where_thousands_fail_a_few_are_named_and_the_others_counted(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    for number in range(12):
        failed(database, f"s{number:02d}", "10:00", "503")
        with database.write() as connection:
            state = sources.choose(connection, f"s{number:02d}")
            polls.remember_failing(connection, state.id, at("10:00"))
    database.close()
    said = read(site_client(sqlite_url, clock=lambda: at("10:10")).get("/").text).main.text
    assert said.count("cannot be read: ") == 10
    assert "2 further sources cannot be read" in said
