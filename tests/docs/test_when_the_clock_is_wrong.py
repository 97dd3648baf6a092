"""What `docs/when-the-clock-is-wrong.md` says is what happens, from the command line on."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from pricetrail.jobs.polls import clock
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.jobs.stage import listing, model
from tests.pricetrail.commands.running import URL, document, refused, run, shown
from tests.support.sockets import RawServer, answer, raw_server

pytestmark = pytest.mark.slow

PAGE = Path(__file__).resolve().parents[2] / "docs" / "when-the-clock-is-wrong.md"
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
YEARS = timedelta(days=30 * 365)
KEY = "sk-made-up"


def configured(server: RawServer, more: str = "") -> None:
    text = f'[sources.pipellm]\nurl = "{server.url()}"\napi_key = "{KEY}"\n{more}'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def served(off: timedelta, **headers: str) -> list[object]:
    """A catalog, with the time now and some more."""
    date = format_datetime(datetime.now(UTC) + off, usegmt=True)
    return [answer(json.dumps(listing(model("a"))).encode(), Date=date, **headers)]


@pytest.mark.parametrize("off", [YEARS, -YEARS, timedelta(hours=-2)])
def test_a_clock_that_is_off_fails_the_poll_and_says_both_times(off: timedelta) -> None:
    with raw_server(*served(off)) as server:  # type: ignore[arg-type]  # scripts
        configured(server)
        first, _, err = run("poll")
        assert first == 1
        assert "the clock here says 2026" in err
        assert "check_date = false" in err
        assert refused(3, "price", "a")
        assert run("poll")[0] == 1
        # The third that differs alike is believed, with a warning.
        third, _, err = run("poll")
        assert third == 0
        assert "taken as the gateway's way" in err
    assert document("price", "a")["certainty"] == "observed"
    assert document("price", "a")["at"][:4] == str(datetime.now(UTC).year)


def test_an_answer_out_of_a_cache_is_as_old_as_its_age_says() -> None:
    with raw_server(*served(timedelta(hours=-2), Age="7200")) as server:  # type: ignore[arg-type]  # scripts
        configured(server)
        shown("poll")


def test_the_check_can_be_switched_off() -> None:
    with raw_server(*served(YEARS)) as server:  # type: ignore[arg-type]  # scripts
        configured(server, "check_date = false\n")
        shown("poll")


@pytest.fixture
def poisoned() -> None:
    """Two good polls, one by a clock 30 years ahead that saw a change, and one after it."""
    prepare(URL)
    now = [NOW]
    database = Database(URL, clock=lambda: now[0])
    source = Source(name="pipellm", url="http://localhost/", api_key=KEY)
    prices = ["0.000003", "0.000003", "0.000002", "0.000001"]
    times = [timedelta(0), timedelta(minutes=15), YEARS, timedelta(minutes=45)]
    for after, price in zip(times, prices, strict=True):
        now[0] = NOW + after
        body = json.dumps(listing(model("a", price))).encode()
        Poller(database, {}, fetch=lambda *_, served=body, **__: Answer(200, served, None)).poll(
            source
        )
    database.close()


@pytest.mark.usefixtures("poisoned")
def test_prices_are_answered_after_a_poll_years_ahead() -> None:
    last = document("price", "a")
    assert (last["at"], last["prices"][1]["amount"]) == ("2026-03-01T10:45:00Z", "0.000001")
    now = document("price", "a", "--at", f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}")
    assert (now["certainty"], now["prices"][1]["amount"]) == ("gap", "0.000001")
    between = document("price", "a", "--at", "2026-03-01T10:30:00Z")
    assert between["certainty"] == "gap"
    assert document("coverage")["until"] == "2026-03-01T10:45:00Z"
    assert document("models", "--at", "2026-06-01")["data"][0]["pricing"]["text"]["prompt"] == (
        "0.000001"
    )
    assert document("verify")["ok"]


@pytest.mark.usefixtures("poisoned")
def test_the_way_to_mend_a_history_leads_to_one_without_the_wrong_times() -> None:
    shown("db", "backup", "before.db")
    shown("export", "observations", "-o", "all.jsonl")
    assert '"observed_at":"2056' not in Path("all.jsonl").read_text(encoding="utf-8")
    Path("pricetrail.toml").write_text('database_url = "sqlite:///mended.db"', encoding="utf-8")
    shown("import", "all.jsonl", "--source", "pipellm")
    assert [row["version"] for row in document("snapshots")["snapshots"]] == [1, 2, 3]
    assert "2056" not in shown("history", "a", "--json")
    assert document("price", "a")["prices"][1]["amount"] == "0.000001"
    assert document("verify")["ok"]


def test_the_page_names_the_numbers_that_the_code_has() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.startswith("# When the clock is wrong\n")
    assert timedelta(minutes=5) == clock.TOLERANCE
    assert "five minutes or less" in text
    assert f"the same at {clock.ACCEPTED_AFTER} polls in a row" in text
    assert timedelta(days=1) == clock.MOST_GIVEN_UP
    assert "over a day of observed time" in text
