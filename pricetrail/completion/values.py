"""What may stand for an option or argument: names of the configuration and the database.

Whatever goes wrong here is no concern of somebody who presses a key: nothing is completed then.
Nothing is made, and no secret is read.
"""

import os
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import click
from click.shell_completion import CompletionItem

from pricetrail.storage import plain_names

_Complete = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]
_SQLITE = "sqlite:///"
_DEFAULT = "sqlite:///pricetrail.db"
_TIMES = ("now", "today", "yesterday", "1h", "1d", "7d", "30d")


def _sources(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    known = _configuration(ctx)
    stored = _stored(known.url, plain_names.SOURCES, begin=incomplete)
    return _items({*known.sources, *stored}, incomplete)


def _webhooks(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    known = _configuration(ctx)
    stored = _stored(known.url, plain_names.WEBHOOKS, begin=incomplete)
    return _items({*known.webhooks, *stored}, incomplete)


def _models(ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    url = _configuration(ctx).url
    return _items(_stored(url, plain_names.MODELS, begin=incomplete), incomplete)


def _times(_ctx: click.Context, _param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return _items(_TIMES, incomplete)


def _items(names: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """Those that begin so; what a line of a terminal cannot hold is left out."""
    fitting = (name for name in names if name.startswith(incomplete) and name.isprintable())
    return [CompletionItem(name) for name in sorted(fitting)]


def _stored(url: str, query: str, **values: str) -> list[str]:
    """The names that the database has; none where there is no file yet."""
    if not url.startswith(_SQLITE):
        # Postgres needs what the commands need, and so takes as long.
        from pricetrail.storage.names import names_in_database  # noqa: PLC0415 - see above

        return names_in_database(url, query, values)
    path = url.removeprefix(_SQLITE).partition("?")[0]
    return plain_names.names_in_file(path, query, values) if Path(path).exists() else []


def _silently(complete: _Complete) -> _Complete:
    def found(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        try:
            return complete(ctx, param, incomplete)
        except Exception:  # noqa: BLE001 - see the module: nothing is completed then
            return []

    return found


class _Known(NamedTuple):
    """What the configuration names, and where the database is."""

    sources: list[str]
    webhooks: list[str]
    url: str


def _configuration(ctx: click.Context) -> _Known:
    named = ctx.find_root().params.get("config") or os.environ.get("PRICETRAIL_CONFIG")
    path = Path(named or "pricetrail.toml")
    if not path.exists():
        return _Known([], [], os.environ.get("PRICETRAIL_DATABASE_URL", _DEFAULT))
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    url = str(tables.get("database_url", _DEFAULT))
    if url.startswith("env:"):
        url = os.environ[url.removeprefix("env:")]
    elif url.startswith("file:"):
        url = (path.parent / url.removeprefix("file:")).read_text(encoding="utf-8").strip()
    if url.startswith(_SQLITE):
        # An absolute path stays what it is.
        url = _SQLITE + str(path.parent / url.removeprefix(_SQLITE))
    return _Known([*tables.get("sources", {})], [*tables.get("webhooks", {})], url)


BY_KIND = {
    "source": _silently(_sources),
    "webhook": _silently(_webhooks),
    "model": _silently(_models),
    "time": _times,
}
