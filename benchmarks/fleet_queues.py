"""Claim and finish alone: our slots beside jobs of procrastinate, on the same Postgres."""

import asyncio
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import product

from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager
from procrastinate.types import JSONDict

from benchmarks import clocks
from benchmarks.notes import note
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.storage import slots as rows
from pricetrail.storage.slots import Finished
from tests.support.postgres import Postgres

# What its manual has a worker choose: jobs at once, and whether those that are done are kept.
CONCURRENCY = (1, 8, 32)
_DELETED = ("always", "never")
_DATABASE = "procrastinate"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one job took: seconds on the processors, the server's among them, and by the clock."""

    worked: float
    took: float


class Costs:
    """Measures what this process and the server's work for a number of jobs."""

    def __init__(self, server: Postgres) -> None:
        self._server = server.process
        self._began = self._now()

    def each(self, jobs: int) -> Cost:
        """Of each job, since this was made."""
        worked, at = (now - then for now, then in zip(self._now(), self._began, strict=True))
        return Cost(worked / jobs, at / jobs)

    def _now(self) -> tuple[float, float]:
        return time.process_time() + clocks.worked_below(self._server), time.perf_counter()


def ours(server: Postgres, slots: Slots, most: int) -> Cost:
    """All slots that are due claimed in sets and finished, each by a thread of its own, as in a
    replica: it claims while others write down what came of the polls before.

    Raises:
        AssertionError: none was due, or a lease was lost.
    """
    finish(slots, slots.claim(most))
    with ThreadPoolExecutor(1) as finishing:
        costs, done = Costs(server), 0
        before: Future[None] | None = None
        while claimed := slots.claim(most):
            if before is not None:
                before.result()
            before = finishing.submit(finish, slots, claimed)
            done += len(claimed)
        if before is not None:
            before.result()
        return costs.each(done)


def finish(slots: Slots, claimed: list[Claimed]) -> None:
    """Give a set of slots back, and set those that follow.

    Raises:
        AssertionError: there are none, or a lease was lost.
    """
    finished = [
        Finished(one.begun.source.id, one.slot.token, one.slot.following) for one in claimed
    ]
    with slots.database.write() as connection:
        done = rows.finish_many(connection, finished)
    for one in claimed:
        with one.hand:
            pass
    if not claimed or done != len(claimed):
        raise AssertionError(f"{done} of {len(claimed)} slots were finished")


def procrastinate(server: Postgres, jobs: int) -> Cost:
    """A job that does nothing, by a worker with the settings that are best; each of the two."""
    server.create(_DATABASE)
    found = list(_workers(server, jobs))
    server.drop(_DATABASE)
    return Cost(min(one.worked for one in found), min(one.took for one in found))


def _workers(server: Postgres, jobs: int) -> Iterator[Cost]:
    with server.connect(_DATABASE) as connection:
        connection.execute(SchemaManager.get_schema())
        for concurrency, deleted in product(CONCURRENCY, _DELETED):
            connection.execute("TRUNCATE procrastinate_jobs CASCADE")
            cost = asyncio.run(_worked(server, jobs, concurrency, deleted))
            what = f"procrastinate, {concurrency} at once, deleted {deleted}"
            note(f"{what}: {1 / cost.worked:,.0f} jobs a second of a core")
            yield cost


async def _worked(server: Postgres, jobs: int, concurrency: int, deleted: str) -> Cost:
    """What a worker takes for jobs that wait.

    Raises:
        AssertionError: not all of them were done.
    """
    where = f"host={server.folder} port={server.port} user=postgres dbname={_DATABASE}"
    app, done = App(connector=PsycopgConnector(conninfo=where)), 0

    @app.task(name="nothing")
    async def nothing(number: int) -> None:  # noqa: ARG001 - as a poll is of a source
        nonlocal done
        done += 1

    async def deferred(some: int) -> None:
        waiting: list[JSONDict] = [{"number": number} for number in range(some)]
        await nothing.batch_defer_async(*waiting)
        with server.connect(_DATABASE) as connection:
            connection.execute("VACUUM ANALYZE procrastinate_jobs")

    async def caught_up() -> None:
        await app.run_worker_async(
            wait=False,
            concurrency=concurrency,
            delete_jobs=deleted,
            # Nothing comes while it works: it has nothing to listen for.
            listen_notify=False,
            install_signal_handlers=False,
        )

    async with app.open_async():
        await deferred(concurrency)
        await caught_up()
        await deferred(jobs)
        costs = Costs(server)
        await caught_up()
        cost = costs.each(jobs)
    if done != jobs + concurrency:
        raise AssertionError(f"{done} of {jobs + concurrency} jobs were done")
    return cost
