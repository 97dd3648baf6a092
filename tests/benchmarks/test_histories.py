"""What the benchmarks measure on: made-up years, and the git repository beside them."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks import decades, markets
from benchmarks.catalogs import catalog, repriced
from benchmarks.decades import Scale
from benchmarks.keeping import opened
from benchmarks.markets import FULL, Market, changes_by_model
from benchmarks.repositories import Repository
from pricetrail.jobs.imports.observations import Observation
from pricetrail.queries import coverage
from pricetrail.storage.history import bodies
from pricetrail.storage.sources import choose

SCALE = Scale(polls=400, models=50, changing=0.1, changed=0.04)


def test_a_share_of_the_models_is_repriced_and_nothing_else() -> None:
    before = catalog(200)
    after = repriced(before, 0.05, seed=1)
    pairs = list(zip(before["data"], after["data"], strict=True))
    changed = [(old, new) for old, new in pairs if old != new]
    assert len(changed) == 10
    for old, new in changed:
        assert old["pricing"]["text"]["prompt"] != new["pricing"]["text"]["prompt"]
        assert old | {"pricing": new["pricing"]} == new


def test_the_years_change_as_often_as_they_should() -> None:
    versions = list(decades.versions(SCALE))
    assert 25 < len(versions) < 60
    for (_, old), (_, new) in pairwise(versions):
        models = zip(json.loads(old)["data"], json.loads(new)["data"], strict=True)
        assert sum(before != after for before, after in models) == 2


def test_every_poll_is_served_the_version_that_was_there() -> None:
    versions = dict(decades.versions(SCALE))
    served = list(decades.polls(SCALE))
    assert len(served) == SCALE.polls
    expected = b""
    for poll, (at, body) in enumerate(served):
        expected = versions.get(poll, expected)
        assert (at, body) == (decades.START + timedelta(hours=poll), expected)


def test_a_repository_keeps_every_version_by_its_commit(tmp_path: Path) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    versions = [(start + timedelta(days=n), f'{{"n": {n}}}\n\n'.encode()) for n in range(5)]
    repository = Repository(tmp_path / "git", versions)
    assert [repository.show(commit) for commit in repository.commits] == [b for _, b in versions]
    assert repository.size > 0


def test_most_models_of_a_market_change_once_and_ten_make_half_of_the_changes() -> None:
    found = changes_by_model(FULL)
    once = sum(1 for times in found.values() if times == 1)
    assert 0.7 < once / len(found) < 0.76
    assert 0.45 < sum(found[number] for number in range(10)) / sum(found.values()) < 0.55
    # Every other hour for a fifth of the time.
    assert found[0] > 8_000


def test_a_market_is_kept_as_it_was_observed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(markets, "_KEPT", tmp_path)
    market = Market(hours=400, models=20, messages=20, gaps=2)
    path = markets.database_of(market)
    made = path.stat().st_mtime_ns
    assert markets.database_of(market).stat().st_mtime_ns == made
    seen = [item for item in markets.observations(market) if isinstance(item, Observation)]
    with opened(path) as database, database.read() as transaction:
        state = choose(transaction, markets.MAIN)
        last = json.loads(bodies.body_of(transaction, state.id, state.head_version))
        answer = coverage.ask(transaction, markets.MAIN, market.end)
    assert last == json.loads(seen[-1].body)
    assert (answer.since, answer.until) == (decades.START, market.end)
    assert len(answer.gaps) == 2
    assert state.head_version > 50
