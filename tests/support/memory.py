"""Where the tests write: in memory, if the machine has room for it there.

A new database for each of a thousand tests is a thousand files each; on a disk that is half of
the suite's time. TMPDIR, where somebody has set it, is heeded.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
# Far more than all tests write at one time; a container has 64 MB unless it was given more.
_ENOUGH = 3 * 1024**3


def use(memory: Path = _MEMORY) -> None:
    """Make temporary files of this process, and of those that it starts, in memory."""
    if "TMPDIR" not in os.environ and _has_room(memory):
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


def short_folder(prefix: str) -> Path:
    """A new folder for sockets, whose paths may have 107 bytes: right below /dev/shm or /tmp."""
    parent = _MEMORY if _has_room(_MEMORY) else "/tmp"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=parent))


def _has_room(memory: Path) -> bool:
    return os.access(memory, os.W_OK | os.X_OK) and shutil.disk_usage(memory).free > _ENOUGH
