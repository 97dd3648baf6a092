"""A process whose file system calls fail, one after the other, while it polls and delivers.

A child of tests, with `calls.c` preloaded. It lets each call of a work fail, by the ways to fail in
turn, and tells as JSON what came of it.
"""

import ctypes
import json
import os
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.broken import BROKEN
from tests.faults.copies import Files
from tests.faults.trying import HungError, Trial, trial
from tests.faults.works import WORKS
from tests.support import statements

# The way, as `calls.c` numbers it (the disk is broken, it is full, it is not allowed, less is done
# than was asked), and whether all later calls fail as well. What is cut short is so once: whoever
# is told that a signal came tries again.
_CUT_SHORT = 3
WAYS = [
    (way, lasts) for lasts in (False, True) for way in range(4) if not (lasts and way == _CUT_SHORT)
]
_MOST_TOLD = 5


@dataclass
class Told:
    """What became of a work: how many calls failed, of which names, and what was wrong then."""

    tried: int = 0
    untouched: int = 0
    names: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


class Calls:
    """The calls of this process on files below a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = os.fsencode(folder)
        self._library = ctypes.CDLL(None)
        self._library.calls_name.restype = ctypes.c_char_p
        self.number = 0

    @contextmanager
    def failing(self, number: int, way: int, lasts: bool) -> Iterator[None]:
        """Let the call with a number fail, within the context."""
        self._library.calls_begin(self._folder, ctypes.c_long(number), way, lasts)
        try:
            yield
        finally:
            self.number = self._library.calls_end()

    def name(self, number: int) -> str:
        """What one of them was, of the last context."""
        found: bytes = self._library.calls_name(ctypes.c_long(number))
        return found.decode()


def try_each(this: Trial, calls: Calls, step: int, ways: int) -> Told:
    """Let every call fail, or each of so many, in so many ways, until one is not made any more."""
    told, number = Told(), 1
    this.try_with(calls.failing(0, 0, False))
    while not told.untouched:
        for more in range(ways):
            way, lasts = WAYS[(number + more) % len(WAYS)]
            try:
                this.try_with(calls.failing(number, way, lasts))
            except (Exception, HungError) as error:  # noqa: BLE001 - told to the test
                last = "".join(traceback.format_exception(error))[-3000:]
                wrong = f"call {number} ({calls.name(number)}), way {way}, {lasts=}: {last}"
                told.wrong.append(wrong)
                if len(told.wrong) == _MOST_TOLD:
                    return told
            if number > calls.number:
                told.untouched = number
                break
            told.tried += 1
            told.names[calls.name(number)] += 1
        number += step
    return told


def main(template: str, name: str, step: str, ways: str, how: str = "") -> None:
    """Try a work in the current folder, on a copy of the template; `how` the product is broken."""
    folder = Path.cwd()
    statements.share()
    with (
        trial(WORKS[name], Files(folder, Path(template))) as this,
        BROKEN[how][1]() if how else nullcontext(),
    ):
        told = try_each(this, Calls(folder), int(step), int(ways))
    print(json.dumps(vars(told)))


if __name__ == "__main__":
    main(*sys.argv[1:])
