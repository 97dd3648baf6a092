"""Half a year of a real marketplace, imported: every step against an independent comparison.

The truth file was made by plain comparison of the same observations, with none of our code.
"""

import json
import lzma
import shutil
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from pricetrail.catalog.amounts import parse_amount, without_noise
from pricetrail.catalog.events import Event
from pricetrail.catalog.times import utc
from pricetrail.jobs.imports.importing import run
from pricetrail.jobs.imports.observations import Observation, Report
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.exports import observations
from tests.acceptance.conftest import Imported
from tests.support.payloads import data
from tests.support.volume import size

pytestmark = pytest.mark.slow

TRUTH = "openrouter-2026.truth.jsonl.xz"


def truth(shared_data: Path) -> list[dict[str, Any]]:
    with lzma.open(shared_data / TRUTH, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def to_twelve(amount: str | None) -> Decimal | None:
    """An amount, to twelve significant digits where it has fifteen or more."""
    found = parse_amount(amount)
    return None if found is None else without_noise(found)


def changed(step: dict[str, Any]) -> dict[str, Any]:
    """What the truth says of one observation."""
    repriced = {
        model: {path: [to_twelve(one) for one in pair] for path, pair in paths.items()}
        for model, paths in step["repriced"].items()
    }
    return {name: step[name] for name in ("added", "removed", "updated")} | {"repriced": repriced}


def is_version(step: dict[str, Any]) -> bool:
    """Whether an observation changed anything."""
    return bool(step.get("baseline")) or any(changed(step).values())


def as_truth(found: list[Event]) -> dict[str, Any]:
    """What a version's events say, in the words of the truth file."""
    by_type: dict[str, list[Event]] = defaultdict(list)
    for event in found:
        by_type[event.type].append(event)
    return {
        "added": sorted(data(event)["model"]["id"] for event in by_type["model.added"]),
        "removed": sorted(data(event)["model"]["id"] for event in by_type["model.removed"]),
        "repriced": {
            data(event)["model"]["id"]: {
                change["path"]: [to_twelve(change["old"]), to_twelve(change["new"])]
                for change in data(event)["changes"]
            }
            for event in by_type["model.repriced"]
        },
        "updated": sorted(data(event)["model"]["id"] for event in by_type["model.updated"]),
    }


def test_an_import_finds_every_change_and_no_other(
    real_import: Imported, shared_data: Path
) -> None:
    # Three observations differ from the one before by the noise of binary floats alone.
    assert (real_import.report.observations, real_import.report.unchanged) == (941, 3)
    _agrees(real_import.url, real_import.report, truth(shared_data))


def test_on_a_server_it_finds_the_same(
    postgres_url: str, real_history: list[Observation], shared_data: Path
) -> None:
    """The first months will do: the rest of the code does not know which database it is."""
    most = size(200, thorough=941)
    database = Database(postgres_url)
    report = run(database, "pipellm", real_history[:most])
    database.close()
    _agrees(postgres_url, report, truth(shared_data)[:most])


def _agrees(url: str, report: Report, expected: list[dict[str, Any]]) -> None:
    """What was imported is what the truth says, step by step."""
    made = [step for step in expected if is_version(step)]
    unchanged = len(expected) - len(made)
    assert (report.observations, report.unchanged, report.versions) == (
        len(expected),
        unchanged,
        len(made),
    )

    database = Database(url)
    with database.read() as connection:
        source = sources.choose(connection, "pipellm").id
        found: dict[int, list[Event]] = defaultdict(list)
        for _, event in events.read(connection, events.EventFilter(source_id=source)):
            found[event.version].append(event)
        snapshots = versions.snapshots(connection, source)
    database.close()

    assert found[1] == []
    for step, snapshot in zip(made, snapshots, strict=True):
        assert (snapshot.not_after, snapshot.models) == (utc(step["observed_at"]), step["models"])
        if not step.get("baseline"):
            assert as_truth(found[snapshot.version]) == changed(step), snapshot.version

    ids = [event.id for version in found.values() for event in version]
    assert len(set(ids)) == len(ids)


def test_what_was_imported_comes_out_and_goes_in_again(
    real_import: Imported, real_history: list[Observation], shared_data: Path, tmp_path: Path
) -> None:
    shutil.copyfile(real_import.file, tmp_path / "copy.db")
    database = Database(f"sqlite:///{tmp_path / 'copy.db'}")
    with database.read() as connection:
        source = sources.choose(connection, "pipellm").id
        exported = [
            (found.observed_at, found.payload.encode())
            for found in observations(connection, source)
        ]
    expected: list[tuple[datetime, bytes]] = []
    first: dict[bytes, tuple[datetime, bytes]] = {}
    for item, step in zip(real_history, truth(shared_data), strict=True):
        if is_version(step):
            expected += [(item.observed_at, item.body)]
        else:
            # What differs by noise alone comes out as that version, at the last time it was seen.
            body = expected[-1][1]
            expected = [one for one in expected if one[1] != body or one == first[body]]
            expected += [(item.observed_at, body)]
        first.setdefault(expected[-1][1], expected[-1])
    assert exported == expected
    # And it goes in again: each observation is recognised as part of the history.
    again = run(database, "pipellm", real_history)
    assert (again.already_there, again.versions) == (941, 0)
    database.close()
