"""The page of one model."""

from typing import Any

import pytest

from pricetrail.storage.database import Database
from pricetrail.web.charts.steps import drawing_of
from tests.support import recordings
from tests.support.histories import at, build, catalog, failed, model, poll, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

NAME = "ai21/jamba:free?v1/models#x"


@recordings.once
def record(url: str) -> None:
    database = Database(url)
    first = tokens("0.000003", "0.000015", tiers={"over_200k": {"text": {"prompt": "0.000006"}}})
    second = tokens("0.0000025", "0.000015", cache={"read": "0.0000003"})
    build(
        database,
        "one",
        [
            ("10:00", catalog(model("gpt", first), model(NAME))),
            ("11:00", catalog(model("gpt", second), model(NAME))),
            ("12:00", catalog(model("gpt", second))),
        ],
    )
    build(database, "two", [("10:00", catalog(model("gpt", tokens("0.000001", "0.000002"))))])
    database.close()


@pytest.fixture
def client(site_client: MakeClient, sqlite_url: str) -> Any:
    record(sqlite_url)
    return site_client(sqlite_url, clock=lambda: at("12:10"))


def shown(client: Any, address: str) -> Page:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return read(answer.text)


def in_force(page: Page) -> list[list[str]]:
    (table,) = [rows for rows in page.tables if "in force since" in rows[0]]
    return table[1:]


def test_prices_in_force_with_what_they_were(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one")
    assert page.title == "gpt · pricetrail"
    assert in_force(page) == [
        ["prompt", "$2.50 /1M", "0.0000025 USD/token", "1 Mar 2026", "$2.50 · $2.50 · $3.00"],
        [
            "completion",
            "$15.00 /1M",
            "0.000015 USD/token",
            "1 Mar 2026",
            "always $15.00",
        ],
        [
            *("cache read", "$0.30 /1M", "0.0000003 USD/token", "1 Mar 2026"),
            "$0.30 whenever there was one",
        ],
        ["Prompt above 200k tokens"],
        ["prompt", "no price now", "–", "–", "$6.00 whenever there was one"],
    ]
    assert "● observed" in page.main.text
    (change,) = page.main.all("li")
    assert "prompt $3.00 → $2.50 /1M ▼ 16.7%" in change.text
    assert "prompt above 200k price withdrawn (was $6.00 /1M)" in change.text


def test_the_past_as_it_was(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one&at=2026-03-01T10:30:00Z")
    assert in_force(page)[0][:2] == ["prompt", "$3.00 /1M"]
    assert "◆ bracketed" in page.main.text
    assert not page.main.all("li")


def test_an_id_is_taken_whole_and_one_that_is_gone_says_so(client: Any) -> None:
    page = shown(client, "/model/ai21/jamba:free%3Fv1/models%23x")
    assert page.headings[0] == f"h1 {NAME}"
    assert "no longer visible to this key" in page.main.text
    assert "h2 Last in force" in page.headings
    assert "gone no longer visible" in page.main.all("li")[0].text
    # The prices that it had when it was last seen.
    assert [row[1] for row in in_force(page)] == ["$3.00 /1M", "$15.00 /1M"]
    assert [row[4] for row in in_force(page)] == ["always $3.00", "always $15.00"]


def test_a_model_that_never_had_a_price_says_so(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog({"id": "m"}))])
    database.close()
    page = read(site_client(sqlite_url).get("/model/m").text)
    assert "It has never been listed with a price." in page.main.text
    assert page.tables == []


def test_without_a_source_the_cheapest_is_shown_and_the_others_beside(client: Any) -> None:
    page = shown(client, "/model/gpt")
    (offers,) = [rows for rows in page.tables if rows[0] == ["source", "prices", "certainty"]]
    assert [row[0] for row in offers[1:]] == ["one"]
    assert "prompt $2.50 /1M" in offers[1][1]


def test_a_use_now_and_then(client: Any) -> None:
    query = "prompt=1,000,000&completion=1000&then=2026-03-01T10:00:00Z"
    page = shown(client, f"/model/gpt?source=one&{query}")
    (uses,) = [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert [(row[1], row[-1]) for row in uses[1:]] == [
        ("observed", "$2.515"),
        ("observed", "$6.015"),
    ]
    assert "1,000,000 × prompt above 200k" in uses[2][2]
    assert "$3.500 less at the later time" in page.main.text
    assert page.fields["prompt"] == "1,000,000"


def test_a_use_of_the_past_beside_now(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one&at=2026-03-01T10:00:00Z&prompt=1M&then=now")
    (uses,) = [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert [row[-1] for row in uses[1:]] == ["$6.00", "$2.50"]
    assert "▼ $3.50 less at the later time" in page.main.text


def test_a_use_at_a_time_without_a_price_says_so(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one&prompt=1M&then=2026-02-01")
    (uses,) = [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert len(uses) == 2
    assert "No price covers the other time." in page.main.text


def test_one_use_alone_is_rounded_for_the_eye(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one&prompt=1M&completion=1000")
    (uses,) = [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert uses[1][-1] == "$2.52"


def test_what_is_written_wrong_is_told_beside_its_field(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one&prompt=x&completion=3k&then=soon")
    problems = {one.get("id"): one.text for one in page.main.all("span", role="alert")}
    assert problems["prompt-problem"].startswith("“x” is not a whole number: write 3000000")
    assert "'soon' is not a time: write 2026" in problems["then-problem"]
    fields = {one.get("name"): one for one in page.main.all("input")}
    assert len(problems) == 2
    for name in ("prompt", "then"):
        assert fields[name].get("aria-describedby") == f"{name}-problem"
        assert fields[name].get("aria-invalid") == "true"
    assert fields["completion"].get("aria-invalid") is None
    written = {name: page.fields[name] for name in ("prompt", "completion", "then")}
    assert written == {"prompt": "x", "completion": "3k", "then": "soon"}
    # The rest of the page stands, and nothing is computed of a part.
    assert in_force(page)
    assert not [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert "No price covers" not in page.main.text


def test_what_the_model_has_no_price_for_is_told_as_well(client: Any) -> None:
    page = shown(client, "/model/gpt?source=one&images=<b>x</b>")
    (problem,) = page.main.all("span", role="alert")
    assert problem.text.startswith("“<b>x</b>” is not a whole number")
    assert page.fields["images"] == "<b>x</b>"


def test_what_is_asked_wrong_is_a_page_with_the_remedy(client: Any) -> None:
    for address, status in (
        ("/model/gpt-6?source=one", 404),
        ("/model/gpt?since=2027-01-01&source=one", 404),
        ("/model/gpt?source=three", 404),
    ):
        assert client.get(address).status_code == status, address


def test_a_young_model_is_drawn_from_its_first_sighting_on(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    first = catalog(model("old"))
    both = catalog(model("old"), model("young"))
    build(database, "one", [("2026-01-01", first), ("10:00", both), ("2026-03-11", both)])
    database.close()
    client = site_client(sqlite_url, clock=lambda: at("2026-03-11"))
    page = shown(client, "/model/young")
    words = [text.text for text in page.main.all("text")]
    assert "not visible" not in words
    assert "visible since 1 Mar 2026" in page.main.text
    # No range is longer than what is known of the model.
    assert list(filter(lambda name: name.endswith(("days", "year")), page.links)) == ["7 days"]
    earlier = shown(client, "/model/young?since=2026-01-01")
    assert "not visible" in [text.text for text in earlier.main.all("text")]


def test_a_gap_says_why(site_client: MakeClient, sqlite_url: str) -> None:
    record(sqlite_url)
    database = Database(sqlite_url)
    failed(database, "one", "12:05", "503 from <the> gateway")
    database.close()
    client = site_client(sqlite_url, clock=lambda: at("13:00"))
    page = shown(client, "/model/gpt?source=one&at=2026-03-01T12:30:00Z")
    assert "◆ gap" in page.main.text


def test_of_a_busy_model_as_much_is_shown_as_can_be_looked_at(
    client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pricetrail.web.pages.model.MOST", 0)
    page = shown(client, "/model/gpt?source=one")
    assert "It changed once: the last 7 days are shown." in page.main.text
    assert page.links["All changes"] == "/timeline?source=one&model=gpt"
    whole = shown(client, "/model/gpt?source=one&since=all")
    assert "are shown" not in whole.main.text
    assert "All changes" not in whole.links


def test_a_poll_that_changed_nothing_of_a_model_has_its_charts_as_they_were(
    site_client: MakeClient, sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def counted(answer: Any, group: Any, ident: str, *more: Any) -> Any:
        drawn.append(ident)
        return drawing_of(answer, group, ident, *more)

    monkeypatch.setattr("pricetrail.web.charts.kept.drawing_of", counted)
    record(sqlite_url)
    # In ten years nobody sees a minute.
    client = site_client(sqlite_url, clock=lambda: at("2036-03-01"))
    database = Database(sqlite_url)
    first = shown(client, "/model/gpt?source=one")
    count = len(drawn)
    second = tokens("0.0000025", "0.000015", cache={"read": "0.0000003"})
    # Other addresses of the same page: nobody is told that nothing changed.
    for time, empty in (("12:01", "images="), ("12:02", "then=")):
        poll(database, "one", time, catalog(model("gpt", second), model(f"new at {time}")))
        page = shown(client, f"/model/gpt?source=one&{empty}")
        titles = [one.text for one in page.main.all("title")]
        assert f"1 Mar 2026 {time} – 1 Mar 2036 00:00 UTC: no good poll since" in titles
    assert len(drawn) == count > 0
    poll(database, "one", "12:03", catalog(model("gpt", tokens("1", "2"))))
    third = shown(client, "/model/gpt?source=one&until=")
    assert len(drawn) > count
    assert len(third.main.all("li")) == len(first.main.all("li")) + 1
    database.close()


def test_many_conditions_are_named_and_their_charts_folded_up(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    tiers = ("over_32k", "over_272k", "utc_1630_0030", "batch", "priority")

    def listed(prompt: str) -> dict[str, Any]:
        some = {tier: {"text": {"prompt": prompt, "completion": "0.00002"}} for tier in tiers}
        some["batch"]["cache"] = {"read": prompt}
        return catalog(model("gpt", tokens("0.000003", "0.000015", tiers=some)))

    build(database, "one", [("12:00", listed("0.000004")), ("13:00", listed("0.000005"))])
    database.close()
    client = site_client(sqlite_url, clock=lambda: at("17:10"))
    page = shown(client, "/model/gpt?prompt=1M&service=priority&then=2026-03-01T12:00:00Z")

    headings = [row[0] for row in in_force(page) if len(row) == 1]
    assert headings == [
        "Prompt above 32k tokens",
        "Prompt above 272k tokens",
        "16:30 to 00:30 UTC",
        "Batch",
        "Priority",
    ]
    [charts] = [one for one in page.main.all("details") if one.get("class") == "charts"]
    assert "5 more charts" in charts.text
    assert len(charts.all("figure")) == 5
    assert len(page.main.all("figure")) == 6
    (uses,) = [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert [row[2] for row in uses[1:]] == [
        "1,000,000 × priority prompt $5.00 /1M",
        "1,000,000 × priority prompt $4.00 /1M",
    ]
    # Without a service tier the time of day decides: now, and at the other time.
    page = shown(client, "/model/gpt?prompt=1000&then=2026-03-01T12:00:00Z")
    (uses,) = [rows for rows in page.tables if rows[0][-1] == "cost"]
    assert [row[2] for row in uses[1:]] == [
        "1,000 × prompt from 16:30 to 00:30 UTC $5.00 /1M",
        "1,000 × prompt $3.00 /1M",
    ]
    # What changed: the first few, and the others folded up.
    [change] = page.main.all("li")
    assert change.text.count("▲") == 6
