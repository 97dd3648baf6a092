"""`make release-fixture`: a made-up database of this release, kept for all that come after it.

In `tests/fixtures/releases/VERSION/`: the SQLite file, the same history as a plain dump of a
Postgres, and what was answered about it then. Once a version is out its folder is never written
again: what later programs must be able to upgrade is what that one wrote.
"""

import json
import lzma
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.version import VERSION
from tests.jobs.full import full
from tests.pricetrail.commands.running import document
from tests.support import postgres

FOLDER = Path(__file__).resolve().parents[1] / "fixtures" / "releases"
SQLITE, DUMP, ANSWERS = "prices.db.xz", "prices.sql.xz", "answers.json.xz"
_MODELS = ("b", "日/é \\")
_TIMES = {"één": ("10:20", "10:50"), "two": ("11:50", "13:00")}
# What a newer pg_dump writes for its own psql alone.
_OF_NEWER = re.compile(rb"^(?:\\(?:un)?restrict .*|SET transaction_timeout = .*)\n", re.MULTILINE)


def main() -> None:
    """Write the folder of this version anew."""
    folder = FOLDER / VERSION
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as temporary, chdir(temporary):
        _record("sqlite:///prices.db")
        (folder / SQLITE).write_bytes(lzma.compress(Path("prices.db").read_bytes()))
        found = {"schema": schema.HEAD, "answers": answers("sqlite:///prices.db")}
        (folder / ANSWERS).write_bytes(lzma.compress(json.dumps(found, indent=1).encode()))
        with postgres.running() as server:
            server.create("prices")
            _record(server.url("prices"))
            (folder / DUMP).write_bytes(lzma.compress(_dumped(server, "prices")))
    print(*(f"{path}: {path.stat().st_size:,} bytes" for path in folder.iterdir()), sep="\n")


def recorded(version: str) -> dict[str, Any]:
    """The `schema` that a release had, and the `answers` that it gave."""
    found: dict[str, Any] = json.loads(lzma.decompress((FOLDER / version / ANSWERS).read_bytes()))
    return found


def _record(url: str) -> None:
    schema.prepare(url)
    database = Database(url)
    full(database)
    database.close()


def _dumped(server: postgres.Postgres, name: str) -> bytes:
    """All that makes the database anew, as statements that any driver can send."""
    command = (*server.client("pg_dump", name), "--no-owner", "--inserts", "--rows-per-insert=100")
    done = subprocess.run(command, capture_output=True, check=True)
    return _OF_NEWER.sub(b"", done.stdout)


def answers(url: str) -> dict[str, Any]:
    """What is answered about it, question by question: nothing that depends on the day."""
    before = os.environ.get("PRICETRAIL_DATABASE_URL")
    os.environ["PRICETRAIL_DATABASE_URL"] = url
    try:
        return {" ".join(question): document(*question) for question in _questions()}
    finally:
        del os.environ["PRICETRAIL_DATABASE_URL"]
        if before is not None:
            os.environ["PRICETRAIL_DATABASE_URL"] = before


def _questions() -> Iterator[tuple[str, ...]]:
    for source, times in _TIMES.items():
        for question in ("verify", "head", "snapshots", "coverage", "events"):
            yield question, "--source", source
        for model in _MODELS:
            yield "history", model, "--source", source
            for time in times:
                at = f"2026-03-01T{time}:00Z"
                yield "price", model, "--source", source, "--at", at
        yield "diff", "1", "latest", "--source", source
    for group in ("deliveries", "quarantine", "silence"):
        yield group, "list"
    yield "usage", "show"


if __name__ == "__main__":
    main()
