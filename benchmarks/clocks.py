"""How long processes have worked, by the clocks that Linux keeps of each."""

import sys
import time
from contextlib import suppress
from pathlib import Path

# Elsewhere nothing is known of the time of another process.
KEPT = sys.platform == "linux"


def worked(process: int) -> float:
    """The seconds that a process has spent on the processors (clock_getcpuclockid(3)).

    Raises:
        OSError: it has ended.
    """
    return time.clock_gettime((~process << 3) | 2)


def worked_below(parent: int) -> float:
    """The seconds of all processes that another one has started, and that go on."""
    total = 0.0
    for entry in Path("/proc").iterdir():
        # Any of them may end while this looks.
        with suppress(OSError, ValueError):
            if _parent(entry) == parent:
                total += worked(int(entry.name))
    return total


def _parent(process: Path) -> int:
    # Behind the name, in which there may be anything, and the state.
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])
