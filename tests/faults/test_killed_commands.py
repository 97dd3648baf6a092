"""kill -9 at every step of an operator's command: `verify` passes, and the same again completes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from tests.jobs.stage import many
from tests.support.all_rows import Rows
from tests.support.doomed_commands import AFTER, VACUUM
from tests.support.killed import Kill, Killed, kills, lived, on_both, rows_of

pytestmark = pytest.mark.slow

WORDS = {
    "import": "import archive.jsonl --source archive",
    "prune": "db prune --polls 30d --bodies 30d --deliveries 30d",
    "compact": "db compact",
    "remove": "sources remove two --yes",
    "rename": "sources rename two deux",
    "apply": "sources apply fleet.csv --prune --yes",
}
# What is one transaction is done, or not begun.
AT_ONCE = ("remove", "rename", "apply")
# A server drops months, each by itself; a file is written anew.
ON_SERVER = ("a month of polls dropped", "a month of attempts dropped")
ON_FILE = kills("compact", 1) + [Kill("compact", VACUUM, AFTER, looks) for looks in (3, 30)]
ON_BOTH = [
    *kills("import", 3),
    *kills("prune", 3, but=ON_SERVER),
    *kills("remove", 1),
    *kills("rename", 1),
    *kills("apply", 1),
]
ALL = on_both(
    ON_BOTH + ON_FILE, ON_BOTH + [one for one in kills("prune", 0) if one.step in ON_SERVER]
)

Recorded = Callable[[Callable[[Database], object]], str]


@pytest.fixture(autouse=True)
def _given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files that the commands take."""
    monkeypatch.setenv("KEY", "sk-made-up")
    seen = [
        {"observed_at": f"2026-04-{day:02}T00:00:00Z", "payload": many(2 + day % 5)}
        for day in range(1, 14)
    ]
    Path("archive.jsonl").write_text("".join(f"{json.dumps(one)}\n" for one in seen))
    fleet("a,env:KEY,0 * * * *", "c,env:KEY,")


def fleet(*rows: str) -> None:
    Path("fleet.csv").write_text("\n".join(("name,api_key,schedule", *rows, "")))


@pytest.fixture(scope="module")
def before_and_after() -> dict[tuple[str, str], tuple[Rows, Rows]]:
    """What is in a database before and after a command, by both, once that is known."""
    return {}


@pytest.mark.parametrize(("with_history", "kill"), ALL, indirect=["with_history"], ids=str)
def test_a_command_that_was_killed_is_completed_by_the_same_again(
    with_history: Recorded,
    kill: Kill,
    before_and_after: dict[tuple[str, str], tuple[Rows, Rows]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    words = WORDS[kill.command]

    def begun() -> Killed:
        killed = Killed(with_history(lived), monkeypatch)
        if kill.command == "apply":
            now = Path("fleet.csv").read_text()
            fleet("a,env:KEY,", "b,env:KEY,")
            killed.completes("sources apply fleet.csv --yes")
            Path("fleet.csv").write_text(now)
        return killed

    killed = begun()
    key = killed.url.partition(":")[0], kill.command
    if key not in before_and_after:
        before = rows_of(killed.url)
        killed.completes(words)
        before_and_after[key] = before, rows_of(killed.url)
        killed = begun()
    before, after = before_and_after[key]
    assert before != after or kill.command == "compact"
    killed.dies(words, kill)
    left = rows_of(killed.url)
    assert left in (before, after) or kill.command not in AT_ONCE
    again = killed.run(words)
    # What is done already may be refused: there is no such source any more.
    assert again == 0 or (left == after and kill.command in AT_ONCE), killed.said
    assert rows_of(killed.url) == after
