"""What a process takes: memory, time on the processors, open files, threads and connections."""

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple


class Sample(NamedTuple):
    """A process at a moment: kilobytes of memory, seconds of its processor time, and numbers."""

    at: float
    memory: int
    processor: float
    files: int
    threads: int
    sockets: int


def sample(process: int) -> Sample:
    """What a process takes now."""
    folder = Path(f"/proc/{process}")
    status = (folder / "status").read_text()
    memory = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    times = (folder / "stat").read_text().rpartition(")")[2].split()
    links = list(_links(folder / "fd"))
    return Sample(
        time.monotonic(),
        int(memory.split()[1]),
        (int(times[11]) + int(times[12])) / os.sysconf("SC_CLK_TCK"),
        len(links),
        len(list((folder / "task").iterdir())),
        sum(link.startswith("socket:") for link in links),
    )


def _links(folder: Path) -> Iterator[str]:
    for link in folder.iterdir():
        try:
            yield str(link.readlink())
        except FileNotFoundError:  # it was closed meanwhile
            continue


def sampled(process: int, seconds: float, every: float) -> Iterator[Sample]:
    """Samples of a process as time goes on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield sample(process)
        time.sleep(every)


class Growth(NamedTuple):
    """What is taken in the last quarter of the time, for each that was taken in the second."""

    memory: float
    files: float
    threads: float
    sockets: float


def growth(samples: Sequence[Sample]) -> Growth:
    """How much more a process takes after a while; the first quarter is its beginning."""
    quarter = len(samples) // 4
    before, after = samples[quarter : 2 * quarter], samples[-quarter:]

    def grown(name: str) -> float:
        values = [median(getattr(one, name) for one in part) for part in (before, after)]
        return float(values[1] / max(values[0], 1))

    return Growth(*(grown(name) for name in Growth._fields))


def load(samples: Sequence[Sample]) -> float:
    """The share of one core that was used from the first sample to the last."""
    first, last = samples[0], samples[-1]
    return (last.processor - first.processor) / (last.at - first.at)
