"""What is known of a format: its columns, how it is told from others, and how to read its rows."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from pricetrail.audit.usage.quantities import DISJOINT

Document: TypeAlias = Mapping[str, object]
Cells: TypeAlias = dict[str, object]

# A role with this behind it is taken where no other column has it: `model?`.
ELSE = "?"
_OTHER = re.compile(r"[^a-z0-9./]+")


@dataclass(frozen=True, slots=True)
class Format:
    """A format of usage files.

    Args:
        name: what `--format` calls it.
        columns: what each column holds, by its `key`; a column that is not in it is known by its
            usual name, or passed over.
        marks: columns by their keys that no other format has together; any of these sets tells.
        style: how wholes stand to their parts, where a row does not show it itself.
        prepare: makes plain cells of a row's cells by their roles, in place; or says why the row
            has no cost.
        unfold: the rows that an element of the file holds, where it is more than a row.
        days: times of midnight are days.
        local: its days and times are those of the machine that wrote them, as `--timezone` says.
        missing_model: what to do about rows that name no model.
    """

    name: str
    columns: Mapping[str, str]
    marks: tuple[frozenset[str], ...]
    style: str = DISJOINT
    prepare: Callable[[Cells], str | None] | None = None
    unfold: Callable[[Document], Iterator[Document]] | None = None
    days: bool = False
    local: bool = False
    missing_model: str = ""

    def role(self, column: str) -> str | None:
        """What a column holds; None where the format itself does not say."""
        name = key(column)
        known = self.columns.get(name)
        return self.columns.get(name.rpartition(".")[2]) if known is None else known

    def holds(self, keys: Iterable[str]) -> bool:
        """Whether columns by their keys are this format's."""
        there = frozenset(keys)
        return any(mark <= there for mark in self.marks)


@lru_cache(maxsize=4096)
def key(column: str) -> str:
    """A column's name without case, blanks and marks: `usagedateutc` for `Usage Date (UTC)`."""
    return _OTHER.sub("", column.lower())


def columns(names: Mapping[str, str]) -> dict[str, str]:
    """From the names of each role, with blanks between them, to the role of each key."""
    return {key(name): role for role, text in names.items() for name in text.split()}


def marks(*texts: str) -> tuple[frozenset[str], ...]:
    """Sets of columns, each given as names with blanks between them."""
    return tuple(frozenset(map(key, text.split())) for text in texts)
