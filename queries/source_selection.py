"""Which of many sources are asked for: by name or label, and a page of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

from pricetrail.text.globs import matches

_WILD = re.compile(r"[*?]")


@dataclass(frozen=True, slots=True)
class Selection:
    """Which of the sources, and how many: all by default, by name.

    `name` is a glob, `labels` are all to be had. `after` is a name: those behind it. `skip` leaves
    the first out. `urgent_first`: those that need somebody come before the others.
    """

    name: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    after: str | None = None
    skip: int = 0
    limit: int | None = None
    urgent_first: bool = False

    @classmethod
    def of_text(cls, text: str, *, skip: int = 0, limit: int) -> Self:
        """What somebody looks for: `team=search` is a label, all else a name, or a part of one."""
        label, is_label, value = text.strip().partition("=")
        name = None if is_label else text.strip()
        if name is not None and not _WILD.search(name):
            name = f"*{name}*"
        labels = {label.strip(): value.strip()} if is_label else {}
        return cls(name, labels, skip=skip, limit=limit, urgent_first=True)

    def takes(self, name: str, labels: Mapping[str, str]) -> bool:
        """Whether a source is one of them, wherever it stands."""
        if self.name is not None and not matches(self.name, name):
            return False
        return labels.items() >= self.labels.items()


EVERY = Selection()
