"""`python -m tests.soak SECONDS`: what a service takes that idles, and if one at work grows."""

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from tests.soak.process import Sample, growth, load, sample, sampled
from tests.soak.service import idling, running

# What is taken in the last quarter of the time, for each that was taken in the second.
_MOST_GROWTH, _MOST_NUMBERS = 1.05, 1.1
# Pages remember what they showed, up to a bound of each kind: all of these, and the rest, in MB.
_MOST_MEMORY = 256
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
    """Of two services, the pages of one of which are read; that one may remember more and more."""
    with ExitStack() as stack:
        folders = [
            stack.enter_context(tempfile.TemporaryDirectory(prefix="pricetrail-soak-"))
            for _ in range(2)
        ]
        silent, read = (
            stack.enter_context(
                running(Path(one), f"sqlite:///{one}/soak.db", sources=20, every=10, pages=pages)
            )
            for one, pages in zip(folders, (False, True), strict=True)
        )
        samples, others = [], []
        for one in sampled(silent, seconds, _EVERY):
            samples.append(one)
            others.append(sample(read))
            if len(samples) % 60 == 1:
                print(_line("silent", one, samples[0]), flush=True)
                print(_line("read", others[-1], others[0]), flush=True)
    grown, beside = growth(samples), growth(others)
    print(f"{load(samples):.1%} of a core; last quarter for each of the second: {grown}, {beside}")
    return (
        grown.memory <= _MOST_GROWTH
        and others[-1].memory < _MOST_MEMORY * 1024
        and max(*grown[1:], *beside[1:]) <= _MOST_NUMBERS
    )


def _line(what: str, one: Sample, first: Sample) -> str:
    return (
        f"{what:6} {one.at - first.at:6.0f} s  {one.memory / 1024:6.1f} MB  "
        f"{one.processor:7.1f} s used  "
        f"{one.files} files  {one.threads} threads  {one.sockets} sockets"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
