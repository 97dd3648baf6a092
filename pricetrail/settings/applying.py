"""What a file of sources would make of those in the database: a plan, or every problem."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pricetrail.jobs.keeping import Changes
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import safe_url
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.kept import NotATableError, table_of
from pricetrail.settings.keys import SOURCE
from pricetrail.settings.problems import Problem
from pricetrail.settings.references import MissingError, is_reference, resolved
from pricetrail.settings.source_files import Listed
from pricetrail.settings.sources import INSTEAD, source_of
from pricetrail.settings.storing import Storing, UnkeepableError, as_text
from pricetrail.storage.kept_sources import Change, Kept

_OF_SCHEDULES = frozenset(("schedule", "timezone"))


@dataclass(frozen=True, slots=True)
class Changed:
    """A source that is to say something else, and by which keys.

    `source` is there where its schedule is another.
    """

    change: Change
    keys: tuple[str, ...]
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done; `unchanged` counts the sources that are as they are to be.

    `missing` are references that lead nowhere on this machine.
    """

    added: tuple[Kept, ...]
    changed: tuple[Changed, ...]
    unchanged: int
    dropped: tuple[str, ...]
    missing: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.added or self.changed or self.dropped)

    @property
    def changes(self) -> Changes:
        """What is to be done of it in the database."""
        return Changes(
            self.added,
            [one.change for one in self.changed],
            [one.source for one in self.changed if one.source is not None],
            self.dropped,
        )

    def as_json(self, *, applied: bool) -> dict[str, object]:
        """The shape of `sources apply`."""
        return {
            "added": [one.name for one in self.added],
            "changed": [{"source": it.change.name, "keys": list(it.keys)} for it in self.changed],
            "unchanged": self.unchanged,
            "removed": list(self.dropped),
            "applied": applied,
        }


class Planner:
    """Works out plans.

    Args:
        folder: the configuration's, from which the paths of `file:PATH` are taken.
        in_file: the names that the configuration has itself.
    """

    def __init__(
        self, folder: Path, environ: Mapping[str, str], in_file: Collection[str], origin: str
    ) -> None:
        self.folder = folder
        self._environ = environ
        self._in_file = in_file
        self._origin = origin
        self._storing = Storing(SOURCE, folder, environ)
        self._problems: list[Problem] = []
        self._unkeepable: list[Problem] = []
        self._missing: dict[str, None] = {}

    def plan(
        self, listed: Iterable[Listed], kept: Mapping[str, str], *, prune: bool = False
    ) -> Plan:
        """What makes the kept sources as they are listed; with `prune` none besides.

        Raises:
            SettingsError: everything that is wrong with any of them.
        """
        added, changed, names = [], [], set()
        for one in listed:
            name = one.where.name
            names.add(name)
            source = self._checked(one)
            if source is None:
                continue
            before = kept.get(name)
            text = self._text(one, before)
            if text is None or text == before:
                continue
            if before is None:
                url = None if is_reference(one.table.get("url")) else safe_url(source.url)
                added.append(Kept(name, text, url))
            else:
                keys = _differing(_table(before), table_of(text))
                other = source if _OF_SCHEDULES.intersection(keys) else None
                changed.append(Changed(Change(name, before, text), keys, other))
        problems = [*self._problems, *_said_once(self._unkeepable)]
        if problems:
            raise SettingsError(*problems)
        dropped = [name for name in kept if name not in names] if prune else []
        same = len(names) - len(added) - len(changed)
        return Plan(tuple(added), tuple(changed), same, tuple(dropped), tuple(self._missing))

    def _checked(self, one: Listed) -> Source | None:
        """The source, where nothing is wrong with it."""
        if one.where.name in self._in_file:
            words = f"is in {self._origin} already, which holds: leave it out here"
            self._problems.append(one.where.problem("", words))
            return None
        table = self._as_far_as_known(one.table)
        source, problems = source_of(one.where, table, self._environ, secrets=True)
        self._problems += problems
        return source

    def _as_far_as_known(self, table: Mapping[str, object]) -> Mapping[str, object]:
        """The table with something sound for each secret that is elsewhere than on this machine."""
        missing = [
            key
            for key, value in table.items()
            if is_reference(value) and key in SOURCE and SOURCE[key].secret and self._is_away(value)
        ]
        if not missing:
            return table
        self._missing.update(dict.fromkeys(str(table[key]) for key in missing))
        rest = {key: value for key, value in table.items() if key not in missing}
        return rest | {key: INSTEAD[key] for key in missing if key in INSTEAD}

    def _is_away(self, value: object) -> bool:
        try:
            resolved(value, self.folder, self._environ)
        except MissingError:
            return True
        return False

    def _text(self, one: Listed, before: str | None) -> str | None:
        """What is to be kept of it; None where a secret of it may not be."""
        try:
            return as_text(self._storing.table(one.where, one.table, _table(before)))
        except UnkeepableError as error:
            self._unkeepable.append(error.where.problem(error.key, error.text))
            return None


def _said_once(problems: Sequence[Problem]) -> Iterator[Problem]:
    """The first of those with the same words, which says how many more there are."""
    counts = Counter(problem.text for problem in problems)
    for problem in {problem.text: problem for problem in reversed(problems)}.values():
        more = counts[problem.text] - 1
        also = f" (and so in {more:,} more)" if more else ""
        yield replace(problem, text=f"{problem.text}{also}")


def _table(text: str | None) -> Mapping[str, object]:
    """What is kept, or nothing where that cannot be read."""
    try:
        return table_of(text) if text is not None else {}
    except NotATableError:
        return {}


def _differing(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    keys = sorted({*before, *after})
    return tuple(key for key in keys if before.get(key) != after.get(key))
