"""Half a year of a real marketplace, imported: every step against an independent comparison.

The truth file was made by plain comparison of the same observations, with none of our code.
"""

import json
import lzma
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from catalog.events import Event
from catalog.times import utc
from jobs.importing import run
from jobs.observations import Item
from pricetrail.observations.inputs import from_paths
from storage import events, history, sources
from storage.database import Database
from storage.exports import observations

HISTORY, TRUTH = "openrouter-2026.jsonl.xz", "openrouter-2026.truth.jsonl.xz"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def items(shared_data: Path) -> Iterator[Item]:
    return from_paths([shared_data / HISTORY]).read(lambda _: None)


def truth(shared_data: Path) -> list[dict[str, Any]]:
    with lzma.open(shared_data / TRUTH, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def as_truth(found: list[Event]) -> dict[str, Any]:
    """What a version's events say, in the words of the truth file."""
    by_type: dict[str, list[Event]] = defaultdict(list)
    for event in found:
        by_type[event.type].append(event)
    return {
        "added": sorted(event.data["model"]["id"] for event in by_type["model.added"]),
        "removed": sorted(event.data["model"]["id"] for event in by_type["model.removed"]),
        "repriced": {
            event.data["model"]["id"]: {
                change["path"]: [change["old"], change["new"]] for change in event.data["changes"]
            }
            for event in by_type["model.repriced"]
        },
        "updated": sorted(event.data["model"]["id"] for event in by_type["model.updated"]),
    }


def test_an_import_finds_every_change_and_no_other(database: Database, shared_data: Path) -> None:
    expected = truth(shared_data)
    report = run(database, "pipellm", items(shared_data))
    assert (report.versions, len(expected)) == (941, 941)

    with database.read() as connection:
        source = sources.choose(connection, "pipellm").id
        found: dict[int, list[Event]] = defaultdict(list)
        for _, event in events.read(connection, events.EventFilter(source_id=source)):
            found[event.version].append(event)
        snapshots = history.snapshots(connection, source)

    assert found[1] == []
    for step, snapshot in zip(expected, snapshots, strict=True):
        assert (snapshot.not_after, snapshot.models) == (utc(step["observed_at"]), step["models"])
        if not step.get("baseline"):
            changed = {name: step[name] for name in ("added", "removed", "repriced", "updated")}
            assert as_truth(found[snapshot.version]) == changed, snapshot.version

    ids = [event.id for version in found.values() for event in version]
    assert len(set(ids)) == len(ids)


def test_what_was_imported_comes_out_again_letter_for_letter(
    sqlite_url: str, shared_data: Path
) -> None:
    database = Database(sqlite_url)
    run(database, "pipellm", items(shared_data))
    with database.read() as connection:
        source = sources.choose(connection, "pipellm").id
        exported = [
            (found.observed_at, found.payload.encode())
            for found in observations(connection, source)
        ]
    imported = [(item.observed_at, item.body) for item in items(shared_data)]  # type: ignore[union-attr]  # observations all
    assert exported == imported
    database.close()
