"""What a page is asked: the source where nobody named one, as of when, and nothing unknown."""

from collections.abc import Callable
from urllib.parse import urlencode

import pytest

from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model
from tests.support.html import Element, read
from tests.web.conftest import MakeClient

PAST = "?at=2026-03-01T11:30:00Z"


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


# A question that is refused reaches no database.
@pytest.mark.parametrize("with_history", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("/compare?from=1&to=2", "unknown parameter 'from'; valid: a, all, at, b, source."),
        ("/timeline?min_percent=abc", "unknown parameter 'min_percent'; did you mean percent?"),
        ("/catalog?At=2026-03-01", "unknown parameter 'At'; did you mean at?"),
        ("/model/a?prompts=1", "unknown parameter 'prompts'; did you mean prompt?"),
        ("/?utm_source=mail", "unknown parameter 'utm_source'; did you mean source?"),
        ("/coverage?source=one&source=one", "source is given 2 times: give it once."),
    ],
)
def test_a_page_gives_no_other_answer_than_was_asked(
    site_client: MakeClient, with_history: Callable[..., str], address: str, problem: str
) -> None:
    answer = site_client(with_history(_short)).get(address)
    assert answer.status_code == 400
    assert read(answer.text).one(id="problem").text == problem


@pytest.mark.parametrize(
    ("with_history", "at_"),
    [("sqlite", ""), ("sqlite", PAST), ("postgres", PAST)],
    indirect=["with_history"],
)
def test_what_a_page_leads_to_takes_what_it_is_asked(
    site_client: MakeClient, with_history: Callable[..., str], at_: str
) -> None:
    client = site_client(with_history(_two), clock=lambda: at("12:00"))
    asked, waiting = set[object](), [f"/{at_}"]
    while waiting:
        address = waiting.pop()
        path, _, query = address.partition("?")
        # One of a kind is enough.
        kind = (path.split("/")[1], *sorted(pair.split("=")[0] for pair in query.split("&")))
        if kind in asked or path.startswith(("/api", "/static", "/metrics", "/feed")):
            continue
        asked.add(kind)
        answer = client.get(address)
        assert "unknown parameter" not in answer.text, address
        if answer.headers["content-type"].startswith("text/html"):
            page = read(answer.text)
            waiting += [_inside(path, one.get("href") or "") for one in page.all("a")]
            waiting += [_sent(form) for form in page.all("form") if form.get("method") == "get"]
    assert len(asked) > 20


def _inside(path: str, link: str) -> str:
    return (path + link if link.startswith(("?", "#")) else link).partition("#")[0]


def _sent(form: Element) -> str:
    """What a form asks for as it stands, with every field."""
    fields = [field for field in form.all("input", "select") if field.get("name")]
    pairs = [(field.get("name") or "", field.get("value") or "") for field in fields]
    return f"{(form.get('action') or '').partition('#')[0]}?{urlencode(pairs)}"


def _two(database: Database) -> None:
    _short(database)
    build(database, "two", [("10:00", catalog(model("a")))])
