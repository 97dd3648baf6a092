"""`pricetrail web` as it is run: a process of its own, in the project's own environment."""

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The oracles' environment has none of the project's commands.
_COMMAND = Path(__file__).resolve().parents[2] / ".venv" / "bin" / "pricetrail"


@contextmanager
def running(database_url: str) -> Iterator[str]:
    """Serve a database while open; its address, without a slash at the end."""
    environment = {**os.environ, "PRICETRAIL_DATABASE_URL": database_url}
    command = [str(_COMMAND), "web", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()


def _address(process: "subprocess.Popen[str]") -> str:
    """What it says that it serves at."""
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if (found := re.search(r"serving (http://\S+?)/ ", line)) is not None:
            return found[1]
    raise AssertionError("".join(said))
