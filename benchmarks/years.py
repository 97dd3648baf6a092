"""Years of history: how large, how fast to ask, and whether polling stays as cheap as at first."""

import shutil
import statistics
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path

from sqlalchemy import delete

from benchmarks import decades, githistory, lookups
from benchmarks.decades import HOUR, Scale
from benchmarks.keeping import SOURCE, Kept, keep, opened
from benchmarks.notes import note
from benchmarks.repositories import Repository
from benchmarks.shared import observations
from benchmarks.tables import Row, at_most, timed
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage import tables as t
from pricetrail.storage.backup import compact
from pricetrail.storage.database import Database

FULL = Scale(polls=87_600, models=1_000)
QUICK = Scale(polls=2_400, models=100)
# As long as each poll's own row is kept for operators.
_POLLS_KEPT = timedelta(days=30)
_PEER_SECONDS = 600.0


def shared_history(data: Path, limit: int | None = None, *, peer: bool = True) -> Iterator[Row]:
    """The real history: sizes, prices and catalogs at a time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = [(one.observed_at, one.body) for one in observations(data, limit)]
        note("the real history: database and git repository")
        took = timed(lambda: keep(folder / "ours.db", found))
        repository = Repository(folder / "git", found)
        kept = Kept("real history", folder / "ours.db", repository, [at for at, _ in found])
        yield from _sizes(kept)
        if peer:
            yield from _peer(kept, folder, took)
        yield from lookups.prices(kept)
        yield from lookups.catalogs(kept)


def made_up(scale: Scale, *, peer: bool = True) -> Iterator[Row]:
    """Years of hourly polls: as the real history, and what ten times the history costs."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path, tenth = folder / "ours.db", folder / "tenth.db"
        took, (first, last) = _lived(path, tenth, scale)
        note("the same years as a git repository")
        found = decades.versions(scale)
        repository = Repository(folder / "git", ((scale.at(poll), body) for poll, body in found))
        seen = [scale.at(poll) for poll, _ in decades.versions(scale)]
        kept = Kept(f"{scale.polls:,} polls", path, repository, seen)
        yield from _sizes(kept)
        if peer:
            yield from _peer(kept, folder, took)
        yield from lookups.prices(kept)
        yield from lookups.grown(kept, tenth)
        yield from lookups.catalogs(kept)
        yield Row(
            f"{kept.name}: an unchanged poll, the last thousand beside the first",
            last / first,
            "x the time",
            at_most(1.5),
        )


def _lived(path: Path, tenth: Path, scale: Scale) -> tuple[float, tuple[float, float]]:
    """Write all polls; the seconds for those between, and an unchanged poll's early and late."""
    edge = min(1_000, scale.polls // 10)
    polls = decades.polls(scale)
    note(f"{scale.polls:,} polls: the first {edge:,}")
    first = _polled(path, islice(polls, edge))
    _forget_polls(path, scale.at(scale.polls) - _POLLS_KEPT)
    note(f"{scale.polls:,} polls: those between")
    took = timed(lambda: keep(path, islice(polls, scale.polls // 10 - edge), HOUR))
    shutil.copyfile(path, tenth)
    took += timed(lambda: keep(path, islice(polls, scale.polls - scale.polls // 10 - edge), HOUR))
    note(f"{scale.polls:,} polls: the last {edge:,}")
    last = _polled(path, polls)
    _forget_polls(path, scale.at(scale.polls) - _POLLS_KEPT)
    return took, (first, last)


def _polled(path: Path, polls: Iterable[tuple[datetime, bytes]]) -> float:
    """Make polls, as the scheduler does; the median seconds of one that changed nothing."""
    now: list[datetime] = []
    served: list[bytes] = []

    def fetch(_source: Source, _etag: str | None, **_limits: object) -> Answer:
        return Answer(200, served[-1], None, False)

    # Made-up prices move by any factor.
    source = Source(
        name=SOURCE,
        url="http://localhost/",
        api_key="none",
        schedule="0 * * * *",
        max_price_ratio=Decimal(10**12),
    )
    times: list[float] = []
    with opened(path):
        database = Database(f"sqlite:///{path}", clock=lambda: now[-1])
        poller = Poller(database, {}, fetch=fetch)
        for at, body in polls:
            now.append(at)
            changed = not served or served[-1] != body
            served.append(body)
            took = timed(lambda: poller.poll(source))
            if not changed:
                times.append(took)
        database.close()
    return statistics.median(times)


def _forget_polls(path: Path, before: datetime) -> None:
    with opened(path) as database, database.write() as connection:
        connection.execute(delete(t.poll).where(t.poll.c.finished_at < before))


def _sizes(kept: Kept) -> Iterator[Row]:
    """Both as they were left, and as each's own compacting makes them."""
    left, git = kept.path.stat().st_size, kept.repository.size
    with opened(_copy(kept.path)) as copy:
        _, ours = compact(copy)
    yield Row(
        f"{kept.name}: {len(kept.seen):,} versions, database as it was left", left / 1e6, "MB"
    )
    yield Row(f"{kept.name}: database after `db compact`", ours / 1e6, "MB")
    yield Row(f"{kept.name}: git repository after gc --aggressive", git / 1e6, "MB")
    yield Row(f"{kept.name}: database beside git", ours / git, "x its size", at_most(2))


def _copy(path: Path) -> Path:
    return Path(shutil.copyfile(path, path.with_suffix(".compacted")))


def _peer(kept: Kept, folder: Path, took: float) -> Iterator[Row]:
    program = githistory.program(folder / "peer")
    if program is None:
        yield Row(f"{kept.name}: database of git-history", githistory.MISSING, "")
        return
    note("the same history in the database of git-history")
    built = githistory.build(program, kept.repository.folder, folder / "peer.db", _PEER_SECONDS)
    if built is None:
        late = f"not finished in {_PEER_SECONDS / 60:.0f} minutes"
        yield Row(f"{kept.name}: database of git-history", late, "")
        return
    yield Row(f"{kept.name}: database of git-history", built.size / 1e6, "MB")
    ours = kept.path.stat().st_size
    yield Row(f"{kept.name}: our database beside it", ours / built.size, "x its size")
    yield Row(f"{kept.name}: time to build ours beside it", took / built.seconds, "x its time")
