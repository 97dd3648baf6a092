"""The sources and the webhooks: what is sound, and every problem of the rest, at once."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.settings.database import database_problems
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import ALIASES, SOURCES, WEBHOOKS
from pricetrail.settings.labels import labels_of
from pricetrail.settings.problems import Problem
from pricetrail.settings.tables import DATABASE_URL, raw_of, tables_of, top_problems
from pricetrail.settings.where import Where

if TYPE_CHECKING:
    from pricetrail.alerts.webhooks import Webhook
    from pricetrail.jobs.source import Source

ALL = frozenset((SOURCES, WEBHOOKS))
NO_SOURCE = "no source is configured: run `pricetrail init`, or set PIPELLM_API_KEY"


@dataclass(frozen=True, slots=True)
class Settings:
    """What of a configuration can be used, and what is wrong with the rest.

    `sources` are sound. `webhooks` are all: those with `faults` are owed messages and sent none.
    `aliases` are the groups that can be told apart. `kept` is what is written of those
    webhooks that the database keeps (see `settings.kept_webhooks`).
    """

    raw: Raw
    sources: Mapping[str, "Source"]
    webhooks: Mapping[str, "Webhook"]
    problems: tuple[Problem, ...]
    aliases: Aliases = NO_ALIASES
    kept: Mapping[str, Mapping[str, object]] = field(default_factory=dict, repr=False)

    def get_source(self, name: str) -> "Source":
        """A sound source.

        Raises:
            SettingsError: all that is wrong with it.
            InvalidInputError: no such source is configured.
        """
        if name not in self.sources:
            self._refuse(SOURCES, name)
            raise InvalidInputError(
                f"no source {name!r} is configured; there are: {_listed(self.names(SOURCES))}"
            )
        return self.sources[name]

    def get_webhook(self, name: str) -> "Webhook":
        """A sound webhook.

        Raises:
            SettingsError: all that is wrong with it.
            InvalidInputError: no such webhook is configured.
        """
        self._refuse(WEBHOOKS, name)
        if name not in self.webhooks:
            raise InvalidInputError(
                f"no webhook {name!r} is configured; there are: {_listed(self.webhooks)}"
            )
        return self.webhooks[name]

    @property
    def strict_sources(self) -> Mapping[str, "Source"]:
        """The sources, for what must not go by defaults: asking for a faulty one raises
        `SettingsError`."""
        return _Strict(self)

    def where(self, webhook: str) -> Where:
        """Where a webhook stands: in the configuration, or in the database."""
        if webhook in self.kept:
            return Where.in_database(self.raw, WEBHOOKS, webhook)
        return Where(self.raw, WEBHOOKS, webhook)

    def written(self, webhook: str) -> Mapping[str, object]:
        """What is written of a webhook, as it is: a secret of it, too."""
        if webhook in self.kept:
            return self.kept[webhook]
        return dict(tables_of(self.raw, WEBHOOKS)).get(webhook, {})

    def names(self, section: str) -> list[str]:
        """The names in a section, of what is faulty too, in the file's order."""
        return [name for name, _ in tables_of(self.raw, section)]

    def problems_of(self, section: str, names: Iterable[str] | None = None) -> list[Problem]:
        """What is wrong with a section: with those that are named, or with anything in it."""
        wanted = None if names is None else {"", *names}
        return [
            problem
            for problem in self.problems
            if problem.section in ("", DATABASE_URL, section)
            and (wanted is None or problem.name in wanted)
        ]

    def _refuse(self, section: str, name: str) -> None:
        own = [it for it in self.problems if (it.section, it.name) == (section, name)]
        if own:
            raise SettingsError(*own)


class _Strict(Mapping[str, "Source"]):
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getitem__(self, name: str) -> "Source":
        if name not in self._settings.names(SOURCES):
            raise KeyError(name)
        return self._settings.get_source(name)

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings.names(SOURCES))

    def __len__(self) -> int:
        return len(self._settings.names(SOURCES))


def load(named: Path | None, environ: Mapping[str, str], secrets: frozenset[str] = ALL) -> Settings:
    """Read the configuration: the file where there is one, else the environment.

    Args:
        named: the file that `--config` names.
        secrets: the sections whose secrets are needed: a missing one is a problem only there.

    Raises:
        SettingsError: it cannot be read at all, or does not say where the database is.
    """
    settings = read(raw_of(named, environ), environ, secrets)
    fatal = database_problems(settings.raw, environ)
    if fatal:
        raise SettingsError(*dict.fromkeys((*fatal, *settings.problems)))
    return settings


def read(raw: Raw, environ: Mapping[str, str], secrets: frozenset[str] = ALL) -> Settings:
    """The same of what was read already, wherever the database may be."""
    problems = list(top_problems(raw, environ))
    sources, webhooks = {}, {}
    for name, table in tables_of(raw, SOURCES):
        # Only now: a configuration without one needs neither schedules nor channels.
        from pricetrail.settings.sources import source_of  # noqa: PLC0415 - see above

        source, wrong = source_of(
            Where(raw, SOURCES, name), table, environ, secrets=SOURCES in secrets
        )
        problems += wrong
        if source is not None:
            sources[name] = source
    labels, aliases = labels_of(raw, environ), NO_ALIASES
    if ALIASES in raw.tables:
        from pricetrail.settings.aliases import aliases_of  # noqa: PLC0415 - likewise

        aliases, wrong_names = aliases_of(raw, environ)
        problems += wrong_names
    for name, table in tables_of(raw, WEBHOOKS):
        from pricetrail.settings.webhooks import webhook_of  # noqa: PLC0415 - see above

        webhook, wrong = webhook_of(
            Where(raw, WEBHOOKS, name), table, environ, secrets=WEBHOOKS in secrets
        )
        webhooks[name] = replace(webhook, labels=labels, aliases=aliases)
        problems += wrong
    return Settings(raw, sources, webhooks, tuple(problems), aliases)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
