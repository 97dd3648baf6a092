"""What is in force: every key with its value, and where that comes from. No secret is shown."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from pricetrail.jobs.source_secrets import safe_url
from pricetrail.settings import files, kinds, web
from pricetrail.settings.database import DEFAULT_DATABASE, URL_VARIABLE
from pricetrail.settings.kept import NotATableError, table_of
from pricetrail.settings.keys import (
    ALIASES,
    SOURCE,
    SOURCES,
    WEB,
    WEB_KEYS,
    WEBHOOK,
    WEBHOOKS,
    Key,
    Keys,
)
from pricetrail.settings.lines import key_lines, line_of
from pricetrail.settings.loading import Settings
from pricetrail.settings.references import HIDDEN_SEAL, is_reference, is_sealed
from pricetrail.settings.tables import DATABASE_URL, tables_of
from pricetrail.settings.where import Where
from pricetrail.storage.addresses import safe_url as safe_database_url
from pricetrail.storage.errors import DatabaseUrlError

HIDDEN = "***"
UNUSABLE = "(cannot be used)"
FILE, ENVIRONMENT, DEFAULT, COMMAND_LINE = "file", "environment", "default", "command line"
KEPT = "database"
_ADDRESSES = ("url", "proxy")


@dataclass(frozen=True, slots=True)
class Entry:
    """One key: its value as it is written, less what is secret, and where it is from.

    `origin` is `file`, `environment`, `default`, `command line` or `database`; `place` the file or
    variable.
    """

    key: str
    value: object
    origin: str
    place: str | None = None
    line: int | None = None

    @property
    def where(self) -> str:
        """Where it comes from, for people: `pricetrail.toml:12`, `PRICETRAIL_HOLD`, `default`."""
        if self.place is None:
            return self.origin
        return f"{self.place}:{self.line}" if self.line else self.place

    def as_json(self) -> dict[str, object]:
        """One entry of `settings`."""
        return {
            "key": self.key,
            "value": self.value,
            "from": self.origin,
            "place": self.place,
            "line": self.line,
        }


class Shown:
    """What is in force of a configuration; a value that cannot be used is not shown.

    Args:
        named: the file that `--config` names.
    """

    def __init__(self, settings: Settings, named: Path | None, environ: Mapping[str, str]) -> None:
        self.settings, self.named, self.environ = settings, named, environ
        self.raw = settings.raw
        self.lines = key_lines(files.read_text(Path(self.raw.origin))) if self.raw.from_file else {}
        problems = [*settings.problems, *web.read(self.raw, environ)[1]]
        self.bad = {problem.key for problem in problems}

    def entries(self) -> Iterator[Entry]:
        """Every key, in the order of the file's tables."""
        yield self._configuration()
        yield self._database()
        yield from self._table(Where(self.raw, WEB), WEB_KEYS, web.table_of(self.raw, self.environ))
        for name, table in tables_of(self.raw, SOURCES):
            yield from self._table(Where(self.raw, SOURCES, name), SOURCE, table)
        for name, table in tables_of(self.raw, WEBHOOKS):
            yield from self._table(Where(self.raw, WEBHOOKS, name), WEBHOOK, table)
        yield from self._aliases()

    def kept(
        self, sources: Mapping[str, str], webhooks: Mapping[str, str] | None = None
    ) -> Iterator[Entry]:
        """What the database keeps, by name: the keys that are written there."""
        yield from self._kept(SOURCES, SOURCE, sources)
        own = self.settings.names(WEBHOOKS)
        others = {name: text for name, text in (webhooks or {}).items() if name not in own}
        yield from self._kept(WEBHOOKS, WEBHOOK, others)

    def _kept(self, section: str, keys: Keys, kept: Mapping[str, str]) -> Iterator[Entry]:
        for name, text in kept.items():
            try:
                table = table_of(text)
            except NotATableError:
                yield Entry(f"{section}.{name}", UNUSABLE, KEPT)
                continue
            for key, value in table.items():
                # A key that nobody knows may be one that is misspelt: its value a secret.
                known = keys.get(key, Key(kinds.text, secret=True))
                shown = _without_secrets(key, known, value)
                yield Entry(f"{section}.{name}.{key}", shown, KEPT)

    def _aliases(self) -> Iterator[Entry]:
        written = self.raw.tables.get(ALIASES, {})
        for name, given in written.items() if isinstance(written, dict) else ():
            key = f"{ALIASES}.{name}"
            shown = UNUSABLE if self._is_bad(key) else given
            yield Entry(key, shown, FILE, self.raw.origin, line_of(key, self.lines))

    def _configuration(self) -> Entry:
        if not self.raw.from_file:
            return Entry("configuration", None, DEFAULT)
        if self.named is not None:
            return Entry("configuration", self.raw.origin, COMMAND_LINE, "--config")
        if self.environ.get("PRICETRAIL_CONFIG"):
            return Entry("configuration", self.raw.origin, ENVIRONMENT, "PRICETRAIL_CONFIG")
        return Entry("configuration", self.raw.origin, DEFAULT)

    def _database(self) -> Entry:
        written = self.raw.tables.get(DATABASE_URL)
        if written is not None:
            shown = _safe_database(written)
            line = self.lines.get(DATABASE_URL)
            return Entry(DATABASE_URL, shown, FILE, self.raw.origin, line)
        given = self.environ.get(URL_VARIABLE)
        if given:
            return Entry(DATABASE_URL, _safe_database(given), ENVIRONMENT, URL_VARIABLE)
        return Entry(DATABASE_URL, DEFAULT_DATABASE, DEFAULT)

    def _table(self, where: Where, keys: Keys, written: Mapping[str, object]) -> Iterator[Entry]:
        for name, key in keys.items():
            dotted = ".".join(filter(None, (where.section, where.name, name)))
            if name not in written:
                yield Entry(dotted, self._default(where, name, key), DEFAULT)
                continue
            whole = where.key(name)
            shown = _without_secrets(name, key, written[name])
            if shown == written[name] and self._is_bad(whole) and not is_reference(shown):
                shown = UNUSABLE
            if self.raw.from_file:
                yield Entry(dotted, shown, FILE, self.raw.origin, line_of(dotted, self.lines))
            else:
                yield Entry(dotted, shown, ENVIRONMENT, whole)

    def _default(self, where: Where, name: str, key: Key) -> object:
        """What holds where nothing is written; of a webhook it may depend on the format."""
        hook = self.settings.webhooks.get(where.name) if where.section == WEBHOOKS else None
        if hook is None or name not in ("ordering", "events"):
            return key.default
        held = getattr(hook, name)
        return list(held) if isinstance(held, tuple) else held

    def _is_bad(self, key: str) -> bool:
        return any(bad == key or bad.startswith(f"{key}.") for bad in self.bad)


def in_words(value: object) -> str | None:
    """A value as a table shows it."""
    if value is None or isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False)


def _without_secrets(name: str, key: Key, value: object) -> object:
    """A value as it is written; of a secret where it is, or that there is one."""
    if isinstance(value, dict):
        return {member: _without_secrets(member, key, it) for member, it in value.items()}
    if isinstance(value, list):
        return [_without_secrets(name, key, it) for it in value]
    if is_sealed(value):
        return HIDDEN_SEAL
    if is_reference(value) or not key.secret:
        return value
    # A webhook's address is a secret as a whole, a source's without its query is none.
    return _address(value) if name in _ADDRESSES and not key.required else HIDDEN


def _address(value: object) -> str:
    """An address without what is secret in it; of what is none, a part may be a password."""
    try:
        parts = urlsplit(str(value))
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
        return safe_url(str(value)) if usable else UNUSABLE
    except ValueError:
        return UNUSABLE


def _safe_database(url: object) -> str:
    if is_reference(url):
        return str(url)
    try:
        return safe_database_url(str(url))
    except DatabaseUrlError:
        return UNUSABLE
