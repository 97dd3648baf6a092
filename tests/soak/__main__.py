"""`python -m tests.soak SECONDS`: what a service takes that idles, and if one at work grows."""

import sys
import tempfile
from pathlib import Path

from tests.soak.process import Sample, growth, load, sampled
from tests.soak.service import idling, running

# Of the second quarter: allocators and caches have their fill by then.
MOST = 1.1
_EVERY = 5.0
# Of one that idles: seconds to look at it, megabytes, share of a core.
_IDLE_FOR, _IDLE_MEMORY, _IDLE_LOAD = 60, 80, 0.01


def main(seconds: str) -> int:
    """Run for so long; 1 where it took more and more of anything, or idled in too much."""
    return int(max(not _idles_in_little(), not _stays(float(seconds))))


def _idles_in_little() -> bool:
    with tempfile.TemporaryDirectory(prefix="pricetrail-idle-") as folder:
        with idling(Path(folder), f"sqlite:///{folder}/idle.db") as process:
            samples = list(sampled(process, _IDLE_FOR, 1))
        memory, share = samples[-1].memory / 1024, load(samples)
    print(f"one source, which idles: {memory:.1f} MB, {share:.2%} of a core", flush=True)
    return memory < _IDLE_MEMORY and share < _IDLE_LOAD


def _stays(seconds: float) -> bool:
    with tempfile.TemporaryDirectory(prefix="pricetrail-soak-") as folder:
        database = f"sqlite:///{folder}/soak.db"
        with running(Path(folder), database, sources=20, every=10) as process:
            samples = []
            for one in sampled(process, seconds, _EVERY):
                samples.append(one)
                if len(samples) % 60 == 1:
                    print(_line(one, samples[0]), flush=True)
        print(_line(samples[-1], samples[0]))
    grown = growth(samples)
    print(f"{load(samples):.1%} of a core; last quarter for each of the second: {grown}")
    return max(grown) <= MOST


def _line(one: Sample, first: Sample) -> str:
    return (
        f"{one.at - first.at:6.0f} s  {one.memory / 1024:6.1f} MB  {one.processor:7.1f} s used  "
        f"{one.files} files  {one.threads} threads  {one.sockets} sockets"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
