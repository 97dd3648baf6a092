"""The files that pricetrail works with: its configuration, database and secrets."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from pricetrail.settings.database import database_url
from pricetrail.settings.files import DEFAULT
from pricetrail.settings.kept import NotATableError, table_of
from pricetrail.settings.references import ENV, FILE, SEALED
from pricetrail.settings.tables import raw_of
from pricetrail.settings.where import Where
from pricetrail.storage.sqlite_files import COMPANIONS, sqlite_path

# What a Postgres URL may name.
_KEY_FILES = ("passfile", "sslcert", "sslkey", "sslrootcert", "sslcrl", "service")
_AUTHORITIES = "ca_file"
_SECRET = re.compile(
    r"sources\..+\.(api_key|ping)|webhooks\..+\.(url|secrets)|web\.tokens\..+", re.DOTALL
)


def own_files(named: Path | None, environ: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Each file with what it is; some may be yet to be made.

    Raises:
        SettingsError: the configuration cannot be read.
    """
    raw = raw_of(named, environ)
    yield "the configuration", DEFAULT
    if raw.from_file:
        yield "the configuration", Path(raw.origin)
    for key, path in _named_in(raw.tables, raw.folder):
        yield f"the file of {key}", path
    yield from database_files(database_url(named, environ))


def secret_files(named: Path | None, environ: Mapping[str, str]) -> Iterator[Path]:
    """The files that hold a secret, the configuration among them where it has one in it.

    Raises:
        SettingsError: the configuration cannot be read.
    """
    raw = raw_of(named, environ)
    for key, value in _strings("", raw.tables):
        if value.startswith(FILE):
            yield raw.folder / value.removeprefix(FILE)
        elif raw.from_file and _SECRET.fullmatch(key) and not value.startswith((ENV, SEALED)):
            yield Path(raw.origin)


class KeptFile(NamedTuple):
    """A file that kept settings name: what it is, where, and whether it holds a secret."""

    what: str
    path: Path
    is_secret: bool


def kept_files(where: Where, text: str) -> Iterator[KeptFile]:
    """Each file that kept settings name; none where those cannot be read.

    Args:
        where: whose settings they are, as `Where.in_database` has it.
    """
    if FILE in text or _AUTHORITIES in text:
        with suppress(NotATableError):
            for key, path in _named_in(table_of(text), where.raw.folder):
                what = f"the file of {key} of {where.origin}"
                yield KeptFile(what, path, key != _AUTHORITIES)


def _named_in(table: Mapping[str, Any], folder: Path) -> Iterator[tuple[str, Path]]:
    for key, value in _strings("", table):
        if value.startswith(FILE):
            yield key, folder / value.removeprefix(FILE)
        elif key.rpartition(".")[2] == _AUTHORITIES:
            yield key, folder / value


def _strings(key: str, value: Any) -> Iterator[tuple[str, str]]:
    """Every text of the configuration, with its key."""
    if isinstance(value, str):
        yield key, value
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _strings(f"{key}.{name}".removeprefix("."), member)
    elif isinstance(value, list):
        for member in value:
            yield from _strings(key, member)


def database_files(url: str) -> Iterator[tuple[str, Path]]:
    """The file of an SQLite database and those beside it, or what a Postgres URL names."""
    path = sqlite_path(url)
    if path is None:
        for name, value in parse_qsl(urlsplit(url).query):
            if name in _KEY_FILES:
                yield f"the database's {name}", Path(value)
        return
    yield "the database", Path(path)
    # SQLite puts them beside the file itself, and not beside a link to it.
    for file in {path, str(Path(path).resolve())}:
        for end in COMPANIONS:
            yield f"the database's {end.lstrip('.-')}", Path(file + end)
