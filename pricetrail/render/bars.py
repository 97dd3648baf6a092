"""Progress on stderr, while that is a terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from pricetrail.render.output import inert
from pricetrail.render.screen import is_dumb, is_quiet

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Bar(Protocol):
    """A progress bar."""

    def advance(self, amount: int) -> None:
        """Say that so much more is done."""


class _Silent:
    def advance(self, amount: int) -> None:
        """There is nobody to see it."""


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Bar]:
    """Show a bar on stderr until the work is done, while that is a terminal; silent elsewhere.

    `total` is in the unit that `advance` counts; None where it is not known.
    """
    if is_quiet() or is_dumb(os.environ) or not sys.stderr.isatty():
        yield _Silent()
        return
    from rich.console import Console  # noqa: PLC0415 - only where there is a bar
    from rich.progress import (  # noqa: PLC0415 - only where there is a bar
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    parts = (TextColumn("{task.description}", markup=False), BarColumn(), TaskProgressColumn())
    screen = Console(stderr=True)
    with Progress(*parts, TimeRemainingColumn(), console=screen, transient=True) as display:
        yield _Advancing(display, display.add_task(inert(label), total=total))


class _Advancing:
    def __init__(self, display: "Progress", task: "TaskID") -> None:
        self._display, self._task = display, task

    def advance(self, amount: int) -> None:
        self._display.advance(self._task, amount)
