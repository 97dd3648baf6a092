"""The commands of a guide, run one after the other as its reader would."""

import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.pricetrail.commands.running import shown

DOCS = Path(__file__).resolve().parents[2] / "docs"
_CONSOLE = re.compile(r"^ *```console\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def commands(page: str, heading: str) -> list[str]:
    """What stands after `$ ` below a heading of the page, up to the next one."""
    text = (DOCS / page).read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    lines = [line.strip() for block in _CONSOLE.findall(section) for line in block.splitlines()]
    assert lines, heading
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def played(lines: list[str], environ: Mapping[str, str]) -> Iterator[str]:
    """Run each, pricetrail in this process; what it prints. Each must succeed."""
    for line in lines:
        program, *arguments = shlex.split(line)
        if program == "pricetrail":
            yield shown(*arguments)
            continue
        command = ["sh", "-c", line]
        done = subprocess.run(command, env=environ, capture_output=True, check=False, text=True)
        assert done.returncode == 0, f"{line}: {done.stderr}"
        yield done.stdout
