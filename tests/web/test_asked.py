"""Which source a page is of where nobody named one."""

import pytest

from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, failed, model
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
