"""A command that kills itself at a named step of what it does (a child of tests)."""

import functools
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from alembic.runtime.migration import HeadMaintainer

from pricetrail.__main__ import main as command_line
from pricetrail.jobs import administration, maintenance, moving
from pricetrail.jobs.imports import importing, items
from pricetrail.jobs.polls import polling, together
from pricetrail.jobs.slots import Slots
from pricetrail.storage import (
    backup,
    kept_sources,
    partitions,
    pruning,
    schema,
    slot_upkeep,
    slots,
    source_names,
    source_removal,
    sources,
)
from pricetrail.storage.database import Database
from pricetrail.storage.history import shared_bodies, snapshots
from pricetrail.storage.moving import copying, goal
from pricetrail.storage.polls import coverage_log, poll_rows, polls
from tests.support.trace_points import die

BEFORE, AFTER = "before", "after"
# So many instructions of SQLite's between two looks at whether it is time.
_INSTRUCTIONS = 100


@dataclass(frozen=True, slots=True)
class Step:
    """What a command does, by the name that it is called by, and for which time."""

    owner: Any
    name: str
    time: int = 1


# By command; a step that a database does not take is left out by who asks (see `ON`).
STEPS: dict[str, dict[str, Step]] = {
    "import": {
        "source opened": Step(sources, "open_source"),
        "coverage written": Step(coverage_log, "log_changed", 2),
        "version written": Step(snapshots, "write_version", 7),
        "batch taken": Step(importing, "_take", 2),
        "last batch taken": Step(importing, "_take", 3),
    },
    "prune": {
        "months of polls dropped": Step(pruning, "drop_months_of_polls"),
        "a month of polls dropped": Step(partitions, "drop"),
        "months of attempts dropped": Step(pruning, "drop_months_of_attempts"),
        "a month of attempts dropped": Step(partitions, "drop", 2),
        "bodies of a source pruned": Step(pruning, "prune_bodies"),
        "bodies of another pruned": Step(pruning, "prune_bodies", 2),
        "bodies pruned": Step(maintenance, "prune_bodies"),
        "bodies swept": Step(shared_bodies, "sweep"),
        "polls pruned": Step(pruning, "prune_polls"),
        "deliveries pruned": Step(pruning, "prune_deliveries"),
    },
    "compact": {
        "old bodies shared": Step(shared_bodies, "share_old"),
        "file written anew": Step(backup, "compact"),
    },
    "upgrade": {
        "copied": Step(backup, "_copy"),
        "copy put in place": Step(Path, "replace"),
        "schema found": Step(schema, "require_way", 2),
        "a schema further": Step(HeadMaintainer, "update_to_step"),
        "three schemas further": Step(HeadMaintainer, "update_to_step", 3),
        "migrated": Step(schema, "migrate"),
        "upgraded": Step(schema, "upgrade"),
    },
    "migrate-to": {
        "verified": Step(moving, "_verified"),
        "tables made": Step(goal, "occupy"),
        "a table copied": Step(copying, "copy"),
        "half of the tables copied": Step(copying, "copy", 12),
        "numbering kept": Step(goal, "keep_numbering"),
        "a table compared": Step(copying, "content", 20),
        "verified there": Step(moving, "_verified", 2),
        "seen to be quiet": Step(moving, "_require_quiet"),
        "log preferred": Step(Database, "prefer_wal"),
    },
    "poll": {
        "slots claimed": Step(slots, "claim"),
        "slots held": Step(slots, "hold"),
        "set claimed": Step(Slots, "claim"),
        "polled": Step(polling.Poller, "_recorded", 2),
        "polls recorded together": Step(polls, "find_again"),
        "rows of polls written": Step(poll_rows, "log_unchanged"),
        "set recorded": Step(together.Together, "_write"),
        "slot given back": Step(Slots, "serve"),
    },
    "remove": {
        "source locked": Step(sources, "lock"),
        "bodies swept": Step(shared_bodies, "sweep"),
        "removed": Step(source_removal, "remove"),
    },
    "rename": {
        "source locked": Step(sources, "lock"),
        "named": Step(source_names, "rename_source"),
        "renamed": Step(administration, "rename_source"),
    },
    "apply": {
        "added": Step(kept_sources, "add"),
        "planned": Step(slot_upkeep, "plan_at_once"),
        "changed": Step(kept_sources, "change"),
        "dropped": Step(kept_sources, "drop"),
    },
}
WRITTEN = "a transaction"
VACUUM = "the file is written anew"


def main(command: str, step: str, moment: str, number: str, now: str, *words: str) -> None:
    """Run a command line, with a clock that stands still, up to a step of `STEPS`.

    `WRITTEN` is the commit of its transaction `number`; `VACUUM` is within that, so far.
    """
    # Few observations are enough for several transactions.
    items._BATCH_ITEMS = 5
    _stop_the_clock(datetime.fromisoformat(now))
    if step == WRITTEN:
        Database.write = _dying_at_commit(Database.write, moment, int(number))  # type: ignore[method-assign]  # the kill
    elif step == VACUUM:
        sqlite3.connect = _dying_within(int(number))  # type: ignore[assignment]  # the kill
    elif step:
        found = STEPS[command][step]
        dying = _dying(getattr(found.owner, found.name), moment, found.time)
        setattr(found.owner, found.name, dying)
    sys.argv = ["pricetrail", *words]
    command_line()


def _stop_the_clock(now: datetime) -> None:
    init = Database.__init__

    def made(self: Database, url: str, **_options: Any) -> None:
        init(self, url, clock=lambda: now)

    Database.__init__ = made  # type: ignore[method-assign]  # alike, whenever it runs


def _dying(real: Callable[..., Any], moment: str, time: int) -> Callable[..., Any]:
    times = iter(range(1, sys.maxsize))

    @functools.wraps(real)
    def called(*arguments: Any, **options: Any) -> Any:
        ours = next(times) == time
        if ours and moment == BEFORE:
            die()
        answer = real(*arguments, **options)
        if ours:
            die()
        return answer

    return called


def _dying_at_commit(real: Callable[..., Any], moment: str, time: int) -> Callable[..., Any]:
    times = iter(range(1, sys.maxsize))

    @contextmanager
    def write(*arguments: Any, **options: Any) -> Iterator[Any]:
        with real(*arguments, **options) as connection:
            yield connection
            ours = next(times) == time
            if ours and moment == BEFORE:
                die()
        if ours:
            die()

    return write


def _dying_within(looks: int) -> Callable[..., sqlite3.Connection]:
    connect: Callable[..., sqlite3.Connection] = sqlite3.connect
    left = iter(range(looks, -1, -1))

    def look() -> int:
        if not next(left):
            die()
        return 0

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_progress_handler(look, _INSTRUCTIONS)
        return connection

    return connected
