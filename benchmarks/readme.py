"""The measured tables in `benchmarks/README.md`, each between markers of its own."""

import platform
import re
import sqlite3
from collections.abc import Sequence
from os import cpu_count
from pathlib import Path

from benchmarks.tables import Row, markdown


def write(path: Path, name: str, rows: Sequence[Row]) -> None:
    """Put a benchmark's table in the place of the one before.

    Raises:
        ValueError: the file has no markers of that name.
    """
    text = path.read_text(encoding="utf-8")
    start, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        raise ValueError(f"{path.name} has no {start} … {end}")
    filled = f"{start}\n{_where()}\n\n{markdown(rows)}\n{end}"
    path.write_text(pattern.sub(lambda _: filled, text), encoding="utf-8")


def _where() -> str:
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, "
        f"{cpu_count()} cores, {platform.system()} {platform.machine()}."
    )
