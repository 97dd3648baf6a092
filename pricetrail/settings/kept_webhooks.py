"""The webhooks that the database keeps, beside those of the configuration: read like a file's."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from pricetrail.alerts.webhooks import Webhook
from pricetrail.settings.files import Raw
from pricetrail.settings.kept import NotATableError, table_of
from pricetrail.settings.keys import WEBHOOKS
from pricetrail.settings.labels import labels_of
from pricetrail.settings.loading import Settings
from pricetrail.settings.problems import Problem
from pricetrail.settings.webhooks import webhook_of
from pricetrail.settings.where import Where


def with_kept(
    settings: Settings, kept: Mapping[str, str], environ: Mapping[str, str], *, secrets: bool
) -> Settings:
    """The same configuration with what the database keeps; what is in both is the configuration's.

    Args:
        kept: the settings of each, as JSON.
        secrets: whether the addresses and the secrets are needed.
    """
    own = set(settings.names(WEBHOOKS))
    others = {name: text for name, text in kept.items() if name not in own}
    if not others:
        return settings
    labels, problems = labels_of(settings.raw, environ), list(settings.problems)
    tables: dict[str, Mapping[str, object]] = {}
    webhooks = dict(settings.webhooks)
    for name, text in others.items():
        webhook, tables[name], wrong = _read(name, text, settings.raw, environ, secrets=secrets)
        webhooks[name] = replace(webhook, labels=labels, aliases=settings.aliases)
        problems += wrong
    return replace(settings, webhooks=webhooks, problems=tuple(problems), kept=tables)


def in_both(settings: Settings, kept: Iterable[str]) -> list[Problem]:
    """That webhooks are in the configuration and in the database."""
    own = set(settings.names(WEBHOOKS))
    text = (
        "is in the database as well: this one holds; `pricetrail webhooks remove {}` drops the "
        "other"
    )
    return [
        Where(settings.raw, WEBHOOKS, name).problem("", text.format(name))
        for name in kept
        if name in own
    ]


def _read(
    name: str, text: str, raw: Raw, environ: Mapping[str, str], *, secrets: bool
) -> tuple[Webhook, Mapping[str, object], list[Problem]]:
    """A webhook, what is written of it, and all that is wrong with it."""
    where = Where.in_database(raw, WEBHOOKS, name)
    try:
        table = table_of(text)
    except NotATableError:
        words = f"cannot be read: `pricetrail webhooks remove {name}`, then add it"
        problem = where.problem("", words)
        # It is owed its messages still: all there are, for nobody knows which it wanted.
        return Webhook(name=name, url="", faults=(str(problem),)), {}, [problem]
    webhook, problems = webhook_of(where, table, environ, secrets=secrets)
    return webhook, table, problems
