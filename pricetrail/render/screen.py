"""What the answer is shown on: how wide it is, whether it has styles, and how it writes times.

A terminal gets what is pleasant at its width; a pipe and a file get everything, times in full.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TextIO

import click

from pricetrail.catalog.times import in_words, rfc3339

# Where a terminal does not say how wide it is, as in some containers.
_USUAL, _NARROWEST = 80, 20
_QUIET = "pricetrail.quiet"


@dataclass(frozen=True, slots=True)
class Screen:
    """What a table is laid out for.

    `width` is in cells of a terminal, None where a row is one line whatever its length.
    """

    width: int | None
    styled: bool
    now: datetime

    def when(self, at: datetime) -> str:
        """A time: to the second on a terminal (UTC), elsewhere exact."""
        if self.width is None:
            return rfc3339(at)
        return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"

    def recently(self, at: datetime) -> str:
        """A time of which it matters how long ago it is, or how soon; elsewhere exact."""
        if self.width is None:
            return rfc3339(at)
        span = self.now - at
        if abs(span.total_seconds()) < 1:
            return "now"
        return f"{in_words(span)} ago" if span.total_seconds() > 0 else f"in {in_words(-span)}"


def screen_of(stream: TextIO | None = None) -> Screen:
    """What a stream shows; by default stdout."""
    stream = sys.stdout if stream is None else stream
    terminal = stream.isatty()
    width = _width(stream, os.environ) if terminal else None
    return Screen(width, _styled(os.environ, terminal=terminal), datetime.now(UTC))


def _width(stream: TextIO, environment: Mapping[str, str]) -> int:
    """As many columns as COLUMNS says, else the terminal itself."""
    given = environment.get("COLUMNS", "")
    if given.isascii() and given.isdigit() and int(given):
        return max(_NARROWEST, int(given))
    try:
        return max(_NARROWEST, os.get_terminal_size(stream.fileno()).columns or _USUAL)
    except (OSError, ValueError):  # a stream of a test's own, or one that was closed
        return _USUAL


def _styled(environment: Mapping[str, str], *, terminal: bool) -> bool:
    """Whether text may be bold and the like: see https://no-color.org, https://force-color.org."""
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return environment["FORCE_COLOR"] != "0"
    return terminal and not is_dumb(environment)


def is_dumb(environment: Mapping[str, str]) -> bool:
    """Whether the terminal knows letters and line ends alone."""
    return environment.get("TERM", "") in ("dumb", "unknown")


def when(at: datetime) -> str:
    """A time within a line of the answer: to the second on a terminal (UTC), elsewhere exact."""
    return screen_of().when(at)


def recently(at: datetime) -> str:
    """A time of which it matters how long ago or how soon it is: `in 2 h`; elsewhere exact."""
    return screen_of().recently(at)


def hush() -> None:
    """Leave notes and progress away until the command ends: errors alone stay."""
    click.get_current_context().meta[_QUIET] = True


def is_quiet() -> bool:
    """Whether this command was told to say nothing but its answer and errors."""
    context = click.get_current_context(silent=True)
    return context is not None and context.meta.get(_QUIET) is True
