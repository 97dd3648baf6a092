"""Where a command may write: over nothing that it works with."""

import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from pricetrail.catalog.errors import InvalidInputError, PricetrailError
from pricetrail.context import App
from pricetrail.files.atomic import STDOUT, Target, require_free
from pricetrail.files.compression import SUFFIXES
from pricetrail.settings.keys import SOURCES, WEBHOOKS
from pricetrail.settings.own_files import KeptFile, kept_files, own_files
from pricetrail.settings.tables import raw_of
from pricetrail.settings.where import Where
from pricetrail.storage import kept_sources
from pricetrail.storage.outbox import kept_webhooks

# What names say that are of no JSON.
_NO_JSON = frozenset((".csv", ".tsv", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xls", ".db"))
_Identity: TypeAlias = tuple[int, int]


def allowed(app: App, target: Path, inputs: Mapping[str, Path | None] | None = None) -> Target:
    """The target, once it is sure that nothing is lost by writing there; opens none of it.

    It may not be the configuration, the database or what SQLite puts beside it, a secret's file,
    or an input of the command: by whatever name, link or way of writing it leads there.

    Args:
        inputs: what the command reads, each by what it is; a folder stands for all below it.

    Raises:
        InvalidInputError: it is one of these, and which.
        SettingsError: the configuration, which names some of them, cannot be read.
    """
    if _is_folder(target):
        raise InvalidInputError(f"cannot write {target}: it is a folder, name a file")
    given = {what: path for what, path in (inputs or {}).items() if path is not None}
    own = own_files(app.config, os.environ)
    # The database is asked last: it may be what is to be written over.
    kept = ((file.what, file.path) for file in files_of_kept(app))
    return apart_from(target, chain(given.items(), own, kept))


def files_of_kept(app: App) -> Iterator[KeptFile]:
    """Each file that the database's sources and webhooks name; none where it cannot be asked."""
    try:
        raw = raw_of(app.config, os.environ)
        with app.reading() as transaction:
            kept = {
                SOURCES: kept_sources.settings(transaction),
                WEBHOOKS: kept_webhooks.settings(transaction),
            }
    except PricetrailError:
        return
    for section, texts in kept.items():
        for name, text in texts.items():
            yield from kept_files(Where.in_database(raw, section, name), text)


def output(
    app: App, target: Path, inputs: Mapping[str, Path | None] | None = None, *, force: bool
) -> Target:
    """The target that `-o` or an argument names: as `allowed`, and free unless `force` says so.

    Raises:
        TargetExistsError: something is there, and no `force`.
        InvalidInputError, SettingsError: as `allowed`.
    """
    if target == STDOUT:
        return apart_from(target, [])
    found = allowed(app, target, inputs)
    require_free(found, force=force)
    return found


def require_json(target: Path) -> None:
    """Refuse a name that says another format than the JSON that is written there.

    Raises:
        InvalidInputError: it does.
    """
    suffixes = [suffix.lower() for suffix in target.suffixes]
    while suffixes and suffixes[-1] in SUFFIXES:
        suffixes.pop()
    if suffixes and suffixes[-1] in _NO_JSON:
        raise InvalidInputError(f"{target}: {suffixes[-1]} is another format: name it .json")


def require_one_answer(target: Path | None, *, as_json: bool) -> None:
    """Refuse two documents on standard output.

    Raises:
        InvalidInputError: `--json` and `-o -` together.
    """
    if as_json and target == STDOUT:
        raise InvalidInputError("--json and -o - both write to standard output: leave one out")


def apart_from(target: Path, kept: Iterable[tuple[str, Path]]) -> Target:
    """The target, unless it is one of the files to be kept (each: what it is, and where).

    Raises:
        InvalidInputError: it is, and which.
    """
    for what, path in kept:
        if _is_same(target, path):
            where = "" if path == target else f" ({path})"
            raise InvalidInputError(f"{target} is {what}{where}: name another file")
    return Target(target)


def _is_same(target: Path, kept: Path) -> bool:
    """Whether these are one file, now or once both are made."""
    mine, other = _identity(target), _identity(kept)
    if other is None:
        return mine is None and _slot(target) == _slot(kept)
    return mine == other or (_is_folder(kept) and _is_below(target, other))


def _identity(path: Path) -> _Identity | None:
    """The file that a name leads to; None where there is none yet."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # no file can have such a name
        return False


def _slot(path: Path) -> tuple[_Identity | str, str]:
    """Where a file would be made: its folder, and its name as file systems may compare it."""
    whole = Path(os.path.realpath(path))
    name = unicodedata.normalize("NFC", whole.name).casefold()
    return _identity(whole.parent) or str(whole.parent), name


def _is_below(target: Path, folder: _Identity) -> bool:
    return any(_identity(parent) == folder for parent in Path(os.path.realpath(target)).parents)
