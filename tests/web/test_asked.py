"""Which source a page is of where nobody named one, and as of when it is."""

from collections.abc import Callable

import pytest

from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model
from tests.support.html import read
from tests.web.conftest import MakeClient


@pytest.mark.parametrize("path", ["/catalog", "/compare", "/proof", "/coverage"])
def test_a_page_begins_with_a_source_that_has_something_to_show(
    site_client: MakeClient, sqlite_url: str, path: str
) -> None:
    database = Database(sqlite_url)
    failed(database, "alone", "10:00")
    build(database, "one", [("10:00", catalog(model("a")))])
    build(database, "two", [("10:00", catalog(model("b")))])
    database.close()
    page = read(site_client(sqlite_url).get(path).text)
    switch = page.main.one("nav", aria_label="Sources")
    assert [link.text for link in switch.all("a", aria_current="true")] == ["one"]


@pytest.mark.parametrize(
    "path", ["/", "/catalog", "/timeline", "/compare", "/compare/sources", "/coverage", "/proof"]
)
def test_a_time_that_has_not_come_is_not_called_the_past(
    site_client: MakeClient, with_history: Callable[..., str], path: str
) -> None:
    client = site_client(with_history(_short), clock=lambda: at("12:00"))
    ahead = read(client.get(f"{path}?at=2027-05-01").text).one(class_="past").text
    assert ahead.startswith("2027-05-01 has not come yet: this is what is known now. Back to now")
    past = read(client.get(f"{path}?at=2026-03-01T11:30:00Z").text).one(class_="past").text
    assert past.startswith("This page shows the past: as of 2026-03-01T11:30:00Z.")


def _short(database: Database) -> None:
    build(database, "one", [("10:00", catalog(model("a"))), ("11:00", catalog(model("b")))])
