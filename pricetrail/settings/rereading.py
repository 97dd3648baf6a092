"""Values of the form `file:PATH` that are read again while the process runs."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import fields, replace
from functools import partial
from pathlib import Path
from typing import Any, Generic, NamedTuple, TypeVar

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.in_force import Configured
from pricetrail.jobs.log_lines import log_file_trouble, log_read_again
from pricetrail.jobs.source import Source
from pricetrail.settings.kept import KeptSettings
from pricetrail.settings.keys import SOURCES, WEBHOOKS
from pricetrail.settings.loading import Settings
from pricetrail.settings.problems import Problem
from pricetrail.settings.references import files_in
from pricetrail.settings.sources import source_of
from pricetrail.settings.tables import tables_of
from pricetrail.settings.webhooks import webhook_of
from pricetrail.settings.where import Where

_Value = TypeVar("_Value", bound=Source | Webhook)
# Within one tick of a file system's clock a file may change twice.
_SETTLED = 2_000_000_000


def configured(settings: Settings, environ: Mapping[str, str]) -> Configured:
    """What is sound of a configuration, for what polls and delivers; its files are followed."""
    kept = KeptSettings(settings.raw.folder, environ)
    return Configured(
        settings.sources, settings.webhooks, FileValues(settings, environ, kept), kept
    )


class _State(NamedTuple):
    """What changes with a file, and with a link to another one in its place."""

    modified: int
    changed: int
    size: int
    inode: int
    device: int


class FileValues:
    """Follows the files that a configuration's sources and webhooks name.

    A file that cannot be used is told once, and what it said before stays.
    """

    def __init__(
        self, settings: Settings, environ: Mapping[str, str], kept: KeptSettings | None = None
    ) -> None:
        self._in_database = kept
        self._sources: dict[str, _Kept[Source]] = {}
        self._webhooks: dict[str, _Kept[Webhook]] = {}
        for section in (SOURCES, WEBHOOKS):
            for name, table in tables_of(settings.raw, section):
                self._follow(settings, Where(settings.raw, section, name), table, environ)
        self._follow_kept(settings, environ)

    def with_others(self, settings: Settings, environ: Mapping[str, str]) -> "FileValues":
        """The same with other webhooks of the database; all else is as it was read last."""
        found = copy(self)
        found.exchange(settings, environ)
        return found

    def exchange(self, settings: Settings, environ: Mapping[str, str]) -> None:
        """Follow these webhooks of the database, instead of others."""
        own = settings.names(WEBHOOKS)
        self._webhooks = {name: it for name, it in self._webhooks.items() if name in own}
        self._follow_kept(settings, environ)

    def _follow_kept(self, settings: Settings, environ: Mapping[str, str]) -> None:
        for name, table in settings.kept.items():
            self._follow(settings, settings.where(name), table, environ)

    def webhook(self, webhook: Webhook) -> Webhook:
        """The webhook, of the same configuration, as its files say now."""
        kept = self._webhooks.get(webhook.name)
        return webhook if kept is None else kept.look()

    def source(self, source: Source) -> Source:
        """The source as its files said when they were read last."""
        kept = self._sources.get(source.name)
        return source if kept is None else kept.value

    def source_again(self, source: Source) -> Source:
        """The source as its files say now."""
        kept = self._sources.get(source.name)
        if kept is None and self._in_database is not None:
            return self._in_database.source_again(source)
        return source if kept is None else kept.read_again()

    def _follow(
        self,
        settings: Settings,
        where: Where,
        table: Mapping[str, Any],
        environ: Mapping[str, str],
    ) -> None:
        files = tuple(files_in(table, settings.raw.folder))
        if not files:
            return
        if where.section == WEBHOOKS:
            webhook = settings.webhooks[where.name]
            read = partial(_webhook, where, table, environ, webhook)
            self._webhooks[where.name] = _Kept(webhook, files, read, webhook.faults)
        elif where.name in settings.sources:
            again = partial(source_of, where, table, environ, secrets=True)
            self._sources[where.name] = _Kept(settings.sources[where.name], files, again)


def _webhook(
    where: Where,
    table: Mapping[str, Any],
    environ: Mapping[str, str],
    before: Webhook,
) -> tuple[Webhook, list[Problem]]:
    webhook, problems = webhook_of(where, table, environ, secrets=True)
    return replace(webhook, labels=before.labels, aliases=before.aliases), problems


class _Kept(Generic[_Value]):
    """A source or webhook as it was read last.

    Args:
        told: what is wrong with it, as it was said already.
    """

    def __init__(
        self,
        value: _Value,
        files: Sequence[Path],
        read: Callable[[], tuple[_Value | None, list[Problem]]],
        told: Sequence[str] = (),
    ) -> None:
        self.value = value
        self._files = files
        self._read = read
        self._told = list(told)
        # How the files were when they were read; None: not known, or not for sure.
        self._seen: list[_State | None] | None = None
        self._lock = threading.Lock()

    def look(self) -> _Value:
        """Read it again where a file may have changed."""
        if self._seen is not None and self._seen == list(map(_state, self._files)):
            return self.value
        return self.read_again()

    def read_again(self) -> _Value:
        """Read it again; what cannot be used changes nothing."""
        with self._lock:
            # Before they are read: what is written meanwhile is another state.
            now = list(map(_state, self._files))
            value, problems = self._read()
            if value is None or problems:
                self._tell(problems)
                self._seen = None
                return self.value
            if value != self.value:
                log_read_again(_noun(value), value.name, _changed(self.value, value))
            self.value, self._told = value, []
            self._seen = now if all(map(_is_settled, now)) else None
            return value

    def _tell(self, problems: Sequence[Problem]) -> None:
        lines = list(map(str, problems))
        if lines != self._told:
            for line in lines:
                log_file_trouble(_noun(self.value), self.value.name, line)
            self._told = lines


def _noun(value: Source | Webhook) -> str:
    return "source" if isinstance(value, Source) else "webhook"


def _changed(old: Source | Webhook, new: Source | Webhook) -> list[str]:
    """The keys that are others now."""
    names = [field.name for field in fields(new) if field.name != "faults"]
    return [name for name in names if getattr(old, name) != getattr(new, name)]


def _state(path: Path) -> _State | None:
    """How a file is; None where it cannot be read."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return _State(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino, found.st_dev)


def _is_settled(state: _State | None) -> bool:
    """Whether another change would be another state."""
    if state is None:
        return False
    return abs(time.time_ns() - max(state.modified, state.changed)) > _SETTLED
