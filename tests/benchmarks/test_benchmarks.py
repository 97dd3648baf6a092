"""Every benchmark at a tiny size: it runs, and says what it is there to say."""

import lzma
import os
import subprocess
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

import pytest
from click.testing import CliRunner

from benchmarks import __main__ as command
from benchmarks import (
    addresses,
    audits,
    deliveries,
    diffs,
    fetches,
    flaps,
    fleet,
    fleet_queues,
    githistory,
    imports,
    lists,
    lookups,
    markets,
    outbox,
    pages,
    polls,
    postgres_pages,
    readers,
    scrapes,
    shared,
    sharing,
    starts,
    tables,
    years,
)
from benchmarks.decades import Scale
from benchmarks.fleet_gateway import FleetGateway
from benchmarks.tables import Row
from tests.support import postgres

pytestmark = pytest.mark.slow
HISTORY = "openrouter-2026.jsonl.xz"


@pytest.fixture(scope="module")
def some_data(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The beginning of the real history: what the tiny sizes take of it, and one more."""
    folder = tmp_path_factory.mktemp("data")
    with lzma.open(shared_data / HISTORY) as whole, lzma.open(folder / HISTORY, "wb") as some:
        some.writelines(islice(whole, 21))
    return folder


@pytest.fixture(autouse=True)
def _few_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each thing is measured twice and no more: its number is nobody's finding here."""

    def twice(_rounds: int, **works: Callable[[], object]) -> dict[str, float]:
        return tables.medians(2, **works)

    monkeypatch.setattr(lookups, "medians", twice)
    monkeypatch.setattr(lookups, "QUESTIONS", 100)
    monkeypatch.setattr(scrapes, "medians", twice)
    monkeypatch.setattr(polls, "rounds", lambda _size: 2)
    monkeypatch.setattr(audits, "_MODELS", 20)
    monkeypatch.setattr(audits, "_VERSIONS", 20)


def measured(rows: Iterable[Row]) -> dict[str, float]:
    """What was measured, by what it is; none of it is a text that says why there is nothing."""
    found = {row.what: row.value for row in rows}
    return {what: value for what, value in found.items() if isinstance(value, float | int)}


def test_polls_are_measured_at_every_size() -> None:
    found = measured(polls.run((10, 20)))
    assert list(found) == [
        "unchanged poll, 10 models",
        "poll with 1 % changed, 10 models",
        "the same, first of a process, 10 models",
        "unchanged poll, 20 models",
        "poll with 1 % changed, 20 models",
        "the same, first of a process, 20 models",
    ]


def test_fetches_are_measured_beside_other_ways_to_make_them() -> None:
    found = measured(fetches.run((2, 4), each=2, rounds=1, held=0.3, least=4))
    ways = [name for name in fetches.WAYS if name != "bare"]
    assert [what for what in found if what.startswith("https, 2 at once")] == [
        f"https, 2 at once: {way}" for way in ways
    ]
    assert len(found) == 5 * len(ways) + 2
    assert min(value for what, value in found.items() if "memory" not in what) > 0


def test_fetches_that_are_not_all_answered_are_no_measurement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(fetches.WAYS, "AsyncClient", lambda asked, at_once: None)
    with pytest.raises(AssertionError, match="not all were answered"):
        list(fetches.run((2,), each=1, rounds=1, held=0.3, least=2))


def test_starts_are_measured_beside_bare_imports_and_a_peer_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    rows = list(starts.run(rounds=1))
    assert list(measured(rows))[:2] == ["poll", "price"]
    assert rows[-1].value == starts.NO_PEER
    assert min(measured(rows).values()) > 0


def test_the_diff_is_measured_and_agrees_with_deepdiff() -> None:
    assert list(measured(diffs.run(100, rounds=1))) == ["diff of 100 models, 1 % changed"]


def test_a_diff_that_disagrees_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diffs, "changes", lambda _was, _now: {})
    with pytest.raises(AssertionError, match="we found 0 changed models"):
        list(diffs.run(100, rounds=1))


def test_the_reading_of_a_native_list_is_measured_at_each_size() -> None:
    found = measured(lists.run((20, 40), rounds=1))
    assert list(found) == [f"{n} models as Together lists them, 1 % changed" for n in (20, 40)]
    assert min(found.values()) > 0


def test_a_list_of_which_models_are_lost_is_no_measurement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "_native", lambda some: b"[]")
    with pytest.raises(AssertionError, match="other models"):
        list(lists.run((20,), rounds=1))


def test_the_import_is_measured_beside_git(some_data: Path) -> None:
    found = measured(imports.run(some_data, limit=5, rounds=1))
    assert len(found) == 4
    assert min(found.values()) > 0


def test_holds_are_measured_on_the_real_history(some_data: Path) -> None:
    found = measured(flaps.run(some_data, limit=20))
    assert [what for what in found if what.startswith("messages")] == [
        f"messages, {name}" for name in flaps.HOLDS
    ]
    # The first is the baseline, and one differs from the one before by float noise alone.
    assert found["messages, no hold"] == 18


def test_a_hold_that_loses_a_change_is_no_measurement(
    some_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flaps, "held_back", lambda _events, _hold: [])
    with pytest.raises(AssertionError, match="no hold lost"):
        list(flaps.run(some_data, limit=5))


def test_deliveries_are_measured_beside_bare_posts() -> None:
    found = measured(deliveries.run((5, 20), seconds=0.5))
    assert list(found) == [
        "deliveries to one webhook, 5 waiting",
        "deliveries to one webhook, 20 waiting",
        "the rate with 20 waiting beside 5",
    ]
    assert min(found.values()) > 0


def test_readers_are_measured_beside_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "_TURNS", 1)
    monkeypatch.setattr(readers, "_NETWORK", 0.01)
    found = measured(readers.run(10, polls=1, requests=30))
    assert list(found)[:4] == [
        "a poll, 8 readers every 2 s",
        "a poll less the network, 8 readers every 2 s",
        "the longest poll, 8 readers every 2 s",
        "the longest wait of 8 readers every 2 s",
    ]
    assert list(found)[-1] == "memory after 30 more requests"


def test_the_outbox_is_measured_with_few_and_with_many_waiting(
    postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "running", lambda: nullcontext(postgres_server))
    found = measured(outbox.run((800, 1_600), (800, 1_600), rounds=1))
    assert len(found) == 16
    assert {what.partition(",")[0] for what in found} == {"Postgres", "SQLite"}
    assert all(value > 0 for value in found.values())


def test_scrapes_are_measured_on_both_databases(
    postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scrapes, "MODELS", 5)
    monkeypatch.setattr(postgres, "running", lambda: nullcontext(postgres_server))
    found = measured(scrapes.run((1, 2), history=20))
    assert [what for what in found if what.startswith("Postgres")] == [
        "Postgres: a scrape of 1 sources",
        "Postgres: a scrape of 2 sources",
        "Postgres: a scrape of 1 sources, in 10 times the history",
        "Postgres: its text, 1 sources",
        "Postgres: with the prices of 5 models each, 1 sources",
    ]
    assert len(found) == 10


FEW = fleet.Scale((20, 30), catalogs=4, polls=20, jobs=9, claims=1, models=3, at_once=8)


def test_a_fleet_is_measured_beside_a_queue(
    postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "running", lambda: nullcontext(postgres_server))
    monkeypatch.setattr(fleet_queues, "CONCURRENCY", (2,))
    found = measured(fleet.run(FEW))
    for what in ("a claim of 8 slots", "unchanged polls", "polls that find a new list"):
        assert found[f"{what}, 20 sources"] > 0
        assert found[f"{what}, 30 sources"] > 0
    assert found["claim and finish, 8 slots at a time, 30 sources: on the processors"] > 0
    assert found["memory of a replica, 30 sources"] > 10
    assert found["a source as it was seeded, 3 models"] > 1


def test_polls_of_a_fleet_that_fail_are_no_measurement(
    postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "running", lambda: nullcontext(postgres_server))
    monkeypatch.setattr(fleet, "_beside_a_queue", lambda *_: [])
    monkeypatch.setattr(FleetGateway, "key", lambda _gateway, _source: "another-key")
    with pytest.raises(AssertionError, match="401"):
        list(fleet.run(FEW))


def test_a_further_source_is_measured_on_both_databases(
    postgres_server: postgres.Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "running", lambda: nullcontext(postgres_server))
    found = measured(sharing.run((1, 40)))
    for kind in ("SQLite", "Postgres"):
        what = f"{kind}, 25 models, 12 changes"
        apart, shared_ = (
            found[f"{what}: a further source, bodies {form}"] for form in ("each its own", "shared")
        )
        share = found[f"{what}: a further source, shared beside not"]
        assert share == pytest.approx(shared_ / apart)
        assert share < 1
        assert f"{what}: of it `price`, with its indexes" in found


def test_the_audit_is_measured_on_the_real_history(some_data: Path) -> None:
    found = measured(years.shared_history(some_data, limit=5, peer=False))
    assert "real history: database beside git" in found
    assert "real history: a price at a time by itself, middle" in found
    assert "real history: whole catalog at a time, late" in found


def test_years_are_measured() -> None:
    found = measured(years.made_up(Scale(polls=100, models=10, changing=0.1), peer=False))
    assert "100 polls: database beside git" in found
    assert "100 polls: a price, in ten times the history" in found
    assert "100 polls: an unchanged poll, the last thousand beside the first" in found


def test_a_bill_is_measured() -> None:
    assert len(measured(audits.rows(200))) == 4


def test_a_bill_by_an_engine_is_measured(some_data: Path) -> None:
    assert len(measured(audits.engines(some_data, 200, limit=5))) == 6


def test_pages_are_measured_beside_a_bare_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = ("overview", "model that changed once")

    def addresses_of(path: Path, market: markets.Market) -> dict[str, str]:
        found = addresses.addresses_of(path, market)
        return {name: found[name] for name in few}

    monkeypatch.setattr(markets, "_KEPT", tmp_path)
    monkeypatch.setattr(pages, "addresses_of", addresses_of)
    market = markets.Market(hours=200, models=20, messages=20, gaps=1)
    found = measured(pages.run(market, rounds=1, polls=1))
    assert {*few, *(f"{name}, first after a change" for name in few), "304s"} <= found.keys()
    assert {"/catalog.csv", "the same again, litellm"} <= found.keys()
    assert found["model that changed once: its size"] > 1


def test_pages_are_measured_on_postgres_and_what_it_does_itself(
    postgres_server: postgres.Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markets, "_KEPT", tmp_path)
    monkeypatch.setattr(postgres_pages, "CHANGING", ("catalog",))
    monkeypatch.setattr(postgres, "running", lambda: nullcontext(postgres_server))
    market = markets.Market(hours=200, models=20, messages=20, gaps=1)
    found = measured(postgres_pages.run(market, rounds=1, polls=1))
    for what in ("catalog", "catalog, first after a change"):
        assert found[what] > 0
        assert f"{what}: Postgres itself" in found
    assert "/v1/models?at=, whenever" in found


def test_a_peer_that_cannot_be_had_is_left_out_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(command: list[str], **_: object) -> None:
        raise subprocess.CalledProcessError(1, command)

    monkeypatch.setenv("PATH", os.devnull)
    monkeypatch.setattr(subprocess, "run", refuse)
    assert githistory.program(tmp_path / "peer") is None


def test_a_real_history_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICETRAIL_SHARED", str(tmp_path))
    done = CliRunner().invoke(command.main, ["--quick", "flaps"])
    assert done.exit_code == 0
    assert shared.MISSING in done.output


def test_small_sizes_are_never_written_down() -> None:
    done = CliRunner().invoke(command.main, ["--quick", "--write"])
    assert done.exit_code == 2
    assert "leave out --quick" in done.output
