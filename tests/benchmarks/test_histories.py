"""What the benchmarks measure on: made-up years, and the git repository beside them."""

import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from benchmarks import decades
from benchmarks.catalogs import catalog, repriced
from benchmarks.decades import Scale
from benchmarks.repositories import Repository

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
