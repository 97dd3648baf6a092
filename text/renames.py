"""Other names for what a person's file calls differently: globs that are put in their place."""

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain, zip_longest
from typing import NamedTuple

# A longer name is nobody's, and would take long.
_LONGEST = 512


class Rename(NamedTuple):
    """A glob, and what a name that it matches is called: each `*` stands for what was matched."""

    old: str
    new: str


def parse_rename(text: str) -> Rename:
    """`openai/*=*` as its two sides.

    Raises:
        ValueError: it has not two sides, or the new one has more `*` than the old one.
    """
    old, _, new = (part.strip() for part in text.partition("="))
    if not old or not new:
        raise ValueError(f"{text!r}: write old=new, such as 'openai/*=*'")
    if new.count("*") > old.count("*"):
        raise ValueError(f"{text!r}: there are more * in the new name than in the old")
    return Rename(old, new)


def renamed(name: str, renames: Iterable[Rename]) -> str:
    """The name by the first rename that matches it; else as it is."""
    if len(name) > _LONGEST:
        return name
    for old, new in renames:
        match = _pattern(old).fullmatch(name)
        if match is not None:
            pieces = new.split("*")
            runs = match.groups()[: len(pieces) - 1]
            return "".join(chain.from_iterable(zip_longest(pieces, runs, fillvalue="")))
    return name


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    """A glob with a group for what each `*` matches."""
    first, *rest = ("".join("." if s == "?" else re.escape(s) for s in p) for p in glob.split("*"))
    if not rest:
        return re.compile(first, re.DOTALL)
    # Atomic groups keep the time linear: without them `*a*a*a*a*b` goes back for ever.
    middle = "".join(f"(?>(.*?){part})" for part in rest[:-1])
    return re.compile(f"{first}{middle}(.*){rest[-1]}", re.DOTALL)
