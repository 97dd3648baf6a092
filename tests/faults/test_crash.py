"""kill -9 at every step: no half version, no lost event, the same id where one comes twice."""

import json
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history import versions as history
from pricetrail.storage.outbox import deliveries
from tests.jobs.stage import many
from tests.support import crashing
from tests.support.crashing import STEPS
from tests.support.forks import Forked
from tests.support.postgres import Postgres
from tests.support.receivers import receiving

pytestmark = pytest.mark.slow

# The first version has no events, and nobody hears of it.
NOBODY = "http://localhost:9/hook"

CRASHING = "import sys\nfrom tests.support import crashing\ncrashing.main(*sys.argv[1:])"


@pytest.fixture(scope="module")
def polled_sqlite(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the first version."""
    folder = tmp_path_factory.mktemp("polled")
    file = folder / "polled.db"
    shutil.copyfile(_sqlite_template, file)
    Crash(f"sqlite:///{file}", folder, NOBODY).run_here(2)
    return file


@pytest.fixture(scope="module")
def polled_postgres(
    postgres_server: Postgres, _postgres_template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Likewise, by its name on the server."""
    postgres_server.create("polled", _postgres_template)
    Crash(postgres_server.url("polled"), tmp_path_factory.mktemp("polled"), NOBODY).run_here(2)
    yield "polled"
    postgres_server.drop("polled")


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A copy of either."""
    polled = request.getfixturevalue(f"polled_{request.param}")
    if request.param == "postgres":
        create: Callable[[str], str] = request.getfixturevalue("new_postgres")
        return create(polled)
    shutil.copyfile(polled, tmp_path / "test.db")
    return f"sqlite:///{tmp_path / 'test.db'}"


class Crash:
    """Child processes on one database and one receiver."""

    def __init__(self, url: str, folder: Path, receiver: str) -> None:
        self.url, self.receiver = url, receiver
        self.file = folder / "catalog.json"

    def run_here(self, models: int) -> None:
        """The same work in this process, to its end."""
        self.file.write_text(json.dumps(many(models)))
        crashing.main(self.url, str(self.file), self.receiver, "", "")

    def killed(self, models: int, step: str, moment: str) -> int:
        self.file.write_text(json.dumps(many(models)))
        arguments = [self.url, str(self.file), self.receiver, step, moment]
        with Forked(CRASHING, *arguments) as process:
            return process.wait()


def let_leases_run_out(database: Database) -> None:
    with database.write() as connection:
        past = database.now() - timedelta(minutes=5)
        leased = t.delivery.c.state == deliveries.LEASED
        connection.execute(update(t.delivery).where(leased).values(next_at=past))


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_step_nothing_is_lost(
    database_url: str, tmp_path: Path, step: str, moment: str
) -> None:
    database = Database(database_url)
    with receiving() as receiver:
        crash = Crash(database_url, tmp_path, receiver.url)
        assert crash.killed(4, step, moment) == -signal.SIGKILL
        with database.read() as connection:
            state = sources.choose(connection, None)
            versions = history.snapshots(connection, state.id)
            found = [event for _, event in events.read(connection, events.EventFilter())]
        # All of a version and its events, or nothing of it.
        assert len(versions) == state.head_version
        assert len(found) == (2 if state.head_version == 2 else 0)
        let_leases_run_out(database)
        crash.run_here(4)
        with database.read() as connection:
            found = [event for _, event in events.read(connection, events.EventFilter())]
            states = [one.state for one in deliveries.deliveries(connection)]
        assert [event.model for event in found] == ["m-002", "m-003"]
        assert states == ["delivered"] * 2
        assert list(dict.fromkeys(receiver.ids)) == [event.id for event in found]
        twice = step == "attempt recorded" or (step, moment) == ("posted", "after")
        assert len(receiver.ids) == (3 if twice else 2)
        assert found[0].at <= database.now()
    database.close()
