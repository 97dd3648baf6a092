"""Patterns over names that hold `/`, `[` and `.` themselves.

`fnmatch` would read `[` as a character class, and a path's `*` would stop at `/`; a person who
writes `openai/*` or `gpt-5[preview]` means neither.
"""

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(glob: str, name: str) -> bool:
    """`*` is any run of characters, `/` and `.` included; `?` is one; all else is itself.

    Case-sensitive: two ids that differ in case are two models.
    """
    return _compiled(glob).fullmatch(name) is not None


def selects(globs: Iterable[str], name: str) -> bool:
    """Whether a list with `!` exclusions selects the name, whatever the order of the list.

    An exclusion that matches always wins. Otherwise any match will do; a list of exclusions
    alone, or an empty one, selects everything else.
    """
    wanted = [glob for glob in globs if not glob.startswith("!")]
    unwanted = [glob[1:] for glob in globs if glob.startswith("!")]
    if any(matches(glob, name) for glob in unwanted):
        return False
    return not wanted or any(matches(glob, name) for glob in wanted)


@lru_cache(maxsize=1024)
def _compiled(glob: str) -> re.Pattern[str]:
    first, *rest = (re.escape(part).replace(r"\?", ".") for part in glob.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    # Atomic groups keep the time linear: without them `*a*a*a*a*b` backtracks for ever.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)
