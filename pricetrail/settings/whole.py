"""A configuration as a whole, for whoever takes all of it or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.settings import web
from pricetrail.settings.database import database_problems, url_of
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.filters import unknown_sources
from pricetrail.settings.labels import Labels
from pricetrail.settings.loading import ALL, NO_SOURCE, Settings, read
from pricetrail.settings.tables import raw_of
from pricetrail.settings.web import WebSettings


@dataclass(frozen=True, slots=True)
class Needs:
    """What somebody takes of a configuration.

    `polls`: it polls and delivers, with a source at least and all secrets of both; `page`: it
    serves the page, with its tokens. `given` is what the command line says instead of `[web]`.
    `kept`: the database keeps sources, so that the configuration needs none.
    """

    polls: bool
    page: bool
    given: Mapping[str, object]
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Whole:
    """A configuration in which nothing is wrong."""

    settings: Settings
    web: WebSettings
    database_url: str


def read_whole(
    named: Path | None, environ: Mapping[str, str], recorded: Labels, needs: Needs
) -> Whole:
    """Read all of it.

    Args:
        named: the file that `--config` names.
        recorded: the sources that the database knows, with the labels of those that it keeps.

    Raises:
        SettingsError: every problem of any section.
        InvalidInputError: there is no source to be polled.
    """
    raw = raw_of(named, environ)
    settings = read(raw, environ, ALL if needs.polls else frozenset())
    shown, of_web = web.read(raw, environ, needs.given, secrets=needs.page)
    problems = dict.fromkeys(
        [
            *database_problems(raw, environ),
            *settings.problems,
            *of_web,
            *unknown_sources(settings, recorded),
        ]
    )
    if problems:
        raise SettingsError(*problems)
    if needs.polls and not settings.sources and not needs.kept:
        raise InvalidInputError(NO_SOURCE)
    return Whole(settings, shown, url_of(raw, environ))
