"""Runs worlds by their seeds, each on a database of its own."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from pricetrail.storage.schema import prepare
from tests.faults.simulation.world import World
from tests.support.postgres import Postgres

# The last things that happened, of a history that went wrong.
_SHOWN = 40
_numbers = count(1)


@contextmanager
def sqlite_databases(template: Path | None = None) -> Iterator[Callable[[], str]]:
    """Gives new databases in memory, one at a time: each takes the place of the one before.

    Args:
        template: an empty, migrated database; None: one is made.
    """
    shared = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shared if shared.is_dir() else None) as folder:
        empty, path = template or Path(folder) / "template.db", Path(folder) / "world.db"
        if template is None:
            prepare(f"sqlite:///{empty}")

        def new() -> str:
            shutil.copyfile(empty, path)
            return f"sqlite:///{path}"

        yield new


def run(seed: int, url: str) -> World:
    """Live through a world.

    Raises:
        AssertionError: something in it did not hold; it tells how to see it again.
    """
    world = World(seed, url)
    try:
        world.live()
    except Exception as error:
        told = "\n".join(world.trace[-_SHOWN:])
        dialect = "" if url.startswith("sqlite") else " POSTGRES=1"
        again = f"seed {seed}: see it again with `make simulate SEED={seed}{dialect}`"
        raise AssertionError(f"{told}\n{type(error).__name__}: {error}\n{again}") from error
    return world


@contextmanager
def postgres_databases(server: Postgres) -> Iterator[Callable[[], str]]:
    """The same on a server."""
    template = "simulation_template"
    server.create(template)
    prepare(server.url(template))
    made: list[str] = []

    def new() -> str:
        for name in made:
            server.drop(name)
        made[:] = [f"world_{next(_numbers)}"]
        server.create(made[0], template)
        return server.url(made[0])

    try:
        yield new
    finally:
        for name in (*made, template):
            server.drop(name)
