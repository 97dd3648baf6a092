"""Histories that many tests begin with are written once in each process of the tests."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path

_SQLITE = "sqlite:///"


def once(record: Callable[[str], None]) -> Callable[[str], None]:
    """Write a history into a new SQLite file; into each further one, what became of the first."""
    kept: list[bytes] = []

    @wraps(record)
    def recorded(url: str) -> None:
        assert url.startswith(_SQLITE)
        path = Path(url.removeprefix(_SQLITE))
        if kept:
            path.write_bytes(kept[0])
        else:
            record(url)
            kept.append(path.read_bytes())

    return recorded
