"""How long processes have worked, by the clocks that Linux keeps of each."""

import os
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
    """The seconds of all processes that another one has started, those that ended among them."""
    total = _ended(parent)
    for entry in Path("/proc").iterdir():
        # Any of them may end while this looks.
        with suppress(OSError, ValueError):
            if int(_fields(entry)[1]) == parent:
                total += worked(int(entry.name))
    return total


def _ended(parent: int) -> float:
    user, system = _fields(Path(f"/proc/{parent}"))[13:15]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _fields(process: Path) -> list[str]:
    """What proc(5) says of it from the third field on: before are names with anything in them."""
    return (process / "stat").read_text().rpartition(")")[2].split()
