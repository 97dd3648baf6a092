"""`python -m tests.soak SECONDS`: a service under load, what it takes, and whether that grows."""

import sys
import tempfile
from pathlib import Path

from tests.soak.process import Sample, growth, load, sampled
from tests.soak.service import running

# Of the second quarter: allocators and caches have their fill by then.
MOST = 1.1
_EVERY = 5.0


def main(seconds: str) -> int:
    """Run for so long; 1 where it took more and more of anything."""
    with tempfile.TemporaryDirectory(prefix="pricetrail-soak-") as folder:
        database = f"sqlite:///{folder}/soak.db"
        with running(Path(folder), database, sources=20, every=10) as process:
            samples = []
            for one in sampled(process, float(seconds), _EVERY):
                samples.append(one)
                if len(samples) % 60 == 1:
                    print(_line(one, samples[0]), flush=True)
        print(_line(samples[-1], samples[0]))
    grown = growth(samples)
    print(f"{load(samples):.1%} of a core; last quarter for each of the second: {grown}")
    return int(max(grown) > MOST)


def _line(one: Sample, first: Sample) -> str:
    return (
        f"{one.at - first.at:6.0f} s  {one.memory / 1024:6.1f} MB  {one.processor:7.1f} s used  "
        f"{one.files} files  {one.threads} threads  {one.sockets} sockets"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
