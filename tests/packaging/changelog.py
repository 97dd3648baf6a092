"""The sections of `CHANGELOG.md`, and what a release asks of them."""

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import NamedTuple

UNRELEASED = "Unreleased"
_HEADING = re.compile(r"^## (.*)$", re.MULTILINE)
_RELEASED = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+) \(([0-9]{4}-[0-9]{2}-[0-9]{2})\)")


class Section(NamedTuple):
    """A version with its day, or what is not released yet (no day); and what stands below."""

    version: str
    day: date | None
    text: str


def sections(changelog: str) -> list[Section]:
    """All of them, the newest first.

    Raises:
        ValueError: a heading is none, or out of order.
    """
    found = list(_sections(changelog))
    for newer, older in pairwise(found):
        if older.day is None or (newer.day is not None and newer.day < older.day):
            raise ValueError(f"## {older.version} stands below ## {newer.version}")
    return found


def _sections(changelog: str) -> Iterator[Section]:
    _, *parts = _HEADING.split(changelog)
    for heading, text in zip(parts[::2], parts[1::2], strict=True):
        released = _RELEASED.fullmatch(heading)
        if released is None and heading != UNRELEASED:
            raise ValueError(f"## {heading}: write ## {UNRELEASED}, or ## 1.2.3 (2026-03-01)")
        version, day = released.groups() if released else (heading, None)
        yield Section(version, date.fromisoformat(day) if day else None, text.strip())


def missing(changelog: str, version: str) -> str | None:
    """What a release of this version lacks; None where its section is the newest, and dated."""
    newest, *_ = sections(changelog)
    if newest.version == UNRELEASED:
        return f"CHANGELOG.md: name the section {UNRELEASED} `{version} (YYYY-MM-DD)`"
    if newest.version != version:
        return (
            f"CHANGELOG.md begins with {newest.version}, and pricetrail/version.py says {version}"
        )
    return None if newest.text else f"CHANGELOG.md: the section {version} is empty"
