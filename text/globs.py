"""Patterns over names that hold `/`, `[` and `.` themselves.

`fnmatch` would read `[` as a character class, and a path's `*` would stop at `/`; a person who
writes `openai/*` or `gpt-5[preview]` means neither. A name may hold `*` and `?` as well: behind a
backslash they are themselves.
"""

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(glob: str, name: str) -> bool:
    r"""`*` is any run of characters, `/` and `.` included; `?` is one; all else is itself.

    So are `\*`, `\?`, `\\` and `\!`, which are the sign behind the backslash.

    Case-sensitive: two ids that differ in case are two models.
    """
    if not ("*" in glob or "?" in glob or "\\" in glob):
        # Most are plain names, and a fleet has more of them than patterns are remembered.
        return glob == name
    return _compiled(glob).fullmatch(name) is not None


def exactly(name: str) -> str:
    """The glob that matches this name and no other, in a list with exclusions too."""
    glob = re.sub(r"[*?\\]", r"\\\g<0>", name)
    return f"\\{glob}" if glob.startswith("!") else glob


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
    parts = [""]
    for sign in _SIGNS.findall(glob):
        if sign == "*":
            parts.append("")
        else:
            parts[-1] += "." if sign == "?" else re.escape(sign[-1])
    first, *rest = parts
    if not rest:
        return re.compile(first, re.DOTALL)
    # Atomic groups keep the time linear: without them `*a*a*a*a*b` backtracks for ever.
    middle = "".join(f"(?>.*?{part})" for part in rest[:-1] if part)
    return re.compile(f"{first}{middle}.*{rest[-1]}", re.DOTALL)


_SIGNS = re.compile(r"\\[*?!\\]|.", re.DOTALL)
