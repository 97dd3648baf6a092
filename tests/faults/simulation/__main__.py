"""`make simulate`: world after world, until one goes wrong or all have been."""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.faults.simulation import seeds
from tests.support import postgres, statements

_TOLD_EVERY = 5.0


def main() -> int:
    """Run what the arguments say; 1 where a world went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.simulation")
    parser.add_argument("--seeds", type=int, default=1000, help="so many worlds")
    parser.add_argument("--first", type=int, help="the first seed; a random one without")
    parser.add_argument("--postgres", action="store_true", help="on Postgres")
    chosen = parser.parse_args()
    statements.share()
    first = random.randrange(10**9) if chosen.first is None else chosen.first
    sys.stdout.write(f"seeds {first} to {first + chosen.seeds - 1}\n")
    with _on_postgres() if chosen.postgres else seeds.sqlite_databases() as new:
        return _run(range(first, first + chosen.seeds), new)


def _run(chosen: range, new: Callable[[], str]) -> int:
    began = told = time.perf_counter()
    for number, seed in enumerate(chosen, 1):
        try:
            world = seeds.run(seed, new())
        except AssertionError as error:
            sys.stdout.write(f"{error}\n")
            return 1
        now = time.perf_counter()
        if now - told >= _TOLD_EVERY or number == len(chosen):
            told, rate = now, number / (now - began)
            sys.stdout.write(f"{number:,} of {len(chosen):,} worlds, {rate:.1f} a second\n")
            sys.stdout.flush()
    if len(chosen) == 1:
        sys.stdout.write("\n".join([*world.trace, f"fingerprint {world.fingerprint}", ""]))
    return 0


@contextmanager
def _on_postgres() -> Iterator[Callable[[], str]]:
    with postgres.running("") as server, seeds.postgres_databases(server) as new:
        yield new


if __name__ == "__main__":
    sys.exit(main())
