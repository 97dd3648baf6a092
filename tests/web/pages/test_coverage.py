"""The page of coverage: a year of days, a month of hours, and every gap with why."""

from datetime import timedelta

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.sources import open_source
from tests.support import recordings
from tests.support.histories import at, build, catalog, failed, model
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

LIST = catalog(model("a"))
NOW = at("2026-03-10T12:30:00Z")


@recordings.once
def record(url: str) -> None:
    """Polls every six hours from 27 February on; two days of March begin with a failure."""
    database = Database(url)
    for n in range(46):
        when = at("2026-02-27") + n * timedelta(hours=6)
        bad = when in (at("2026-03-03T00:00:00Z"), at("2026-03-05T00:00:00Z"))
        build(database, "s", [(when, None if bad else LIST)])
    database.close()


def get(make: MakeClient, url: str, query: str = "", status: int = 200) -> Page:
    response = make(url, clock=lambda: NOW).get(f"/coverage{query}")
    assert response.status_code == status, response.text
    return read(response.text)


def days(page: Page) -> list[str]:
    """The titles of the drawing, of those days that something is known of."""
    titles = [title.text for title in page.main.all("title")]
    return [title for title in titles if "no data" not in title]


def test_a_year_shows_each_day_and_its_gaps(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    shown = get(site_client, sqlite_url)
    assert "91.11% observed" in shown.main.text
    assert "Longest gap 12 h" in shown.main.text
    assert [title for title in days(shown) if "gap" in title] == [
        "2 Mar 2026: 75.00% observed, 25.00% gap",
        "3 Mar 2026: 75.00% observed, 25.00% gap",
        "4 Mar 2026: 75.00% observed, 25.00% gap",
        "5 Mar 2026: 75.00% observed, 25.00% gap",
    ]
    assert days(shown)[0] == "27 Feb 2026: all observed"
    # Days lead to their month's list, and months too; only these are for the keyboard.
    links = [link.get("href") for link in shown.main.all("a", tabindex="-1")]
    assert links[-1] == "/coverage?month=2026-03#d31"
    assert shown.links["Mar 2026"] == "/coverage?month=2026-03"
    assert [row[1] for row in shown.table("Gaps")[1:]] == ["12 h", "12 h"]
    assert shown.table("Gaps")[1][3] == "503 from the gateway"
    assert "style=" not in shown.main.text


def test_what_is_a_gap_or_a_change_is_hatched_or_dotted(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url)
    shown = get(site_client, sqlite_url, "?month=2026-03")
    gaps = [rect.get("fill") for rect in shown.main.all("rect", class_="gap")]
    assert gaps == ["url(#gap)"] * 5  # four strips, and the legend
    assert {pattern.get("id") for pattern in shown.main.all("pattern")} == {"gap", "bracketed"}


def test_a_month_lists_its_days_with_their_hours(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    shown = get(site_client, sqlite_url, "?month=2026-03")
    rows = shown.table("Day by day")
    assert len(rows) == 11
    assert [*rows[2][:1], *rows[2][2:]] == ["2 Mon", "75.00%", "–", "25.00%"]
    [day] = shown.main.all("tr", id="d2")
    assert [title.text for title in day.all("title")] == ["00:00–18:00 observed", "18:00–24:00 gap"]
    assert shown.links["← Feb 2026"] == "/coverage?month=2026-02"
    assert not [text for text in shown.links if "Apr" in text]


def test_a_silence_of_a_day_and_more_is_a_gap_a_shorter_one_not_yet(
    site_client: MakeClient, sqlite_url: str
) -> None:
    record(sqlite_url)
    assert "Gaps 2" in get(site_client, sqlite_url).main.text
    response = site_client(sqlite_url, clock=lambda: NOW + timedelta(days=3)).get("/coverage")
    page = read(response.text)
    assert "no good poll since" in page.table("Gaps")[1][3]
    # As `pricetrail coverage` counts, which ends there.
    assert "91.11% observed up to the last poll" in page.main.text
    assert "% gap up to now;" in page.main.text
    later = site_client(sqlite_url, clock=lambda: at("2026-05-01")).get("/coverage?month=2026-03")
    assert "% gap up to 1 Apr 2026;" in read(later.text).main.text
    assert "up to the last poll" not in get(site_client, sqlite_url).main.text


def test_as_of_a_time_nothing_later_is_told(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    shown = get(site_client, sqlite_url, "?at=2026-03-04T12:00:00Z")
    assert len(shown.table("Gaps")) == 2
    assert days(shown)[-1].startswith("4 Mar 2026")


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("?year=2019", 404, "was first seen at 2026-02-27T00:00:00Z"),
        ("?year=x", 400, "is not a year"),
        ("?month=2026-13", 400, "is not a month"),
        ("?month=9999-12", 400, "is not a month"),
        ("?page=0", 400, "page"),
        ("?source=other", 404, "no source 'other'"),
    ],
)
def test_what_there_is_not_is_said(
    site_client: MakeClient, sqlite_url: str, query: str, status: int, said: str
) -> None:
    record(sqlite_url)
    assert said in get(site_client, sqlite_url, query, status).main.text


def test_many_gaps_come_in_pages(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    for n in range(60):
        when = at("2026-03-01T00:00:00Z") + timedelta(hours=2 * n)
        build(database, "s", [(when, LIST)])
        failed(database, "s", when + timedelta(hours=1))
    database.close()
    shown = get(site_client, sqlite_url, "?year=2026")
    assert len(shown.table("Gaps")) == 51
    older = get(site_client, sqlite_url, shown.links["older →"].removeprefix("/coverage"))
    assert len(older.table("Gaps")) == 11
    assert "There are no more" in get(site_client, sqlite_url, "?page=9").main.text


def test_before_the_first_poll_the_page_says_what_to_do(
    site_client: MakeClient, sqlite_url: str
) -> None:
    assert "pricetrail poll" in get(site_client, sqlite_url).main.text
    database = Database(sqlite_url)
    with database.write() as transaction:
        open_source(transaction, "new", at("10:00"))
    database.close()
    assert "new has not been polled yet" in get(site_client, sqlite_url).main.text


def test_with_several_sources_one_chooses(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    database = Database(sqlite_url)
    build(database, "two", [("10:00", LIST)])
    database.close()
    shown = get(site_client, sqlite_url, "?month=2026-03&source=two")
    assert shown.links["s"] == "/coverage?month=2026-03&source=s"
    assert shown.links["2026"] == "/coverage?source=two&year=2026"


def test_a_single_poll_covers_no_time(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [(NOW - timedelta(hours=2), LIST)])
    database.close()
    for query in ("", "?month=2026-03"):
        shown = get(site_client, sqlite_url, query)
        assert "one poll so far: it covers no time yet" in shown.main.text


def test_what_comes_is_drawn(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    client = site_client(sqlite_url, clock=lambda: NOW)
    database = Database(sqlite_url)
    for hours, title in ((0, "all observed"), (1, "91.67% observed, 8.33% gap")):
        when = NOW + timedelta(minutes=hours * 60 - 30)
        build(database, "s", [(when - timedelta(minutes=15), None if hours else LIST)])
        shown = read(client.get("/coverage").text)
        assert days(shown)[-1].startswith("10 Mar 2026: ")
        assert (days(shown)[-1] == f"10 Mar 2026: {title}") == (hours == 0)
        assert ("gap" in days(shown)[-1]) == (hours == 1)
    database.close()
