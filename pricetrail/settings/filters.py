"""Filters of webhooks that can match nothing: an error for a source, a warning for the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pricetrail.alerts.source_filters import matches_source
from pricetrail.alerts.webhooks import DIRECTIONS, Webhook
from pricetrail.catalog import conditions
from pricetrail.catalog.event_types import MODEL_TYPES, REPRICED, TYPES
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.units import KNOWN_SERVICES, known_prices
from pricetrail.settings.labels import Labels
from pricetrail.settings.loading import Settings
from pricetrail.settings.problems import Problem, near
from pricetrail.text.globs import matches, selects

# What a filter means that is there, and has nothing in it.
_EMPTY = {
    "sources": "every source",
    "events": "every type that its format usually gets",
    "models": "every model",
    "type_targets": "every protocol family",
    "directions": "every direction",
    "fields": "every price",
}
# The prices of the unified schema, and what tells their kind.
_PRICES = frozenset({"kind", *map(dotted, known_prices())})
_LONGEST_LIST = 12
_OTHERS_COME = (
    "judges prices that changed, and nothing else: added and removed models come through, too; "
    'for repriced models alone write events = ["model.repriced"]'
)


@dataclass(frozen=True, slots=True)
class Known:
    """What a filter may be about; None where nobody knows yet, as before the first poll."""

    models: frozenset[str] | None = None
    type_targets: frozenset[str] | None = None
    fields: frozenset[str] = _PRICES


def unknown_sources(settings: Settings, recorded: Labels) -> list[Problem]:
    """Each source that a filter names and that is neither configured nor in the database.

    Args:
        recorded: the sources in the database by name, with the labels of those that it keeps.
    """
    known = {**recorded, **_labels_in(settings)}
    return [
        _unknown_source(settings, webhook, term, known)
        for webhook in settings.webhooks.values()
        for term in webhook.sources
        if term != "*" and not _means_any(term.removeprefix("!"), known)
    ]


def name_sources(settings: Settings) -> bool:
    """Whether any filter names a source or a label: only then must the names be known."""
    return any(set(webhook.sources) - {"*"} for webhook in settings.webhooks.values())


def _labels_in(settings: Settings) -> Labels:
    """The configuration's own sources with their labels, as each webhook has them."""
    return next((webhook.labels for webhook in settings.webhooks.values()), {})


def _means_any(term: str, known: Labels) -> bool:
    return any(matches_source(term, name, labels) for name, labels in known.items())


def _unknown_source(settings: Settings, webhook: Webhook, term: str, names: Labels) -> Problem:
    text = f"{_said(settings, webhook, 'sources', term)} is neither a source nor a label of one"
    labels = {f"{label}={value}" for own in names.values() for label, value in own.items()}
    known = {*names, *labels}
    hint = near(term.removeprefix("!"), known) if known else ""
    place = "of the configuration or the database"
    return settings.where(webhook.name).problem("sources", f"{text} {place}{hint}")


def warnings(settings: Settings, webhook: Webhook, known: Known) -> Iterator[Problem]:
    """Each filter of a webhook that keeps all or nothing back, though it looks otherwise."""
    where = settings.where(webhook.name)
    written = settings.written(webhook.name)
    for key, every in _EMPTY.items():
        if written.get(key) == []:
            yield where.problem(key, f"is empty, which means {every}: leave it out, or fill it")
    about = {
        "events": frozenset(TYPES),
        "models": known.models,
        "type_targets": known.type_targets,
        "fields": known.fields,
    }
    for key, names in about.items():
        if names is not None and key in written:
            more = _on_conditions(webhook.fields) if key == "fields" else frozenset()
            yield from _of_globs(settings, webhook, key, names | more)


def _on_conditions(globs: Iterable[str]) -> frozenset[str]:
    """The usual prices on the conditions that globs spell out: a list may have any of them.

    Not so a service tier that nobody has heard of: that may be misspelled.
    """
    found: set[str] = set()
    for glob in globs:
        first, *below = glob.removeprefix("!").split(".")
        condition = conditions.read(tuple(below)) if first == "tiers" else None
        if condition is not None and condition[0].service in ("", *KNOWN_SERVICES):
            place = glob.removeprefix("!").removesuffix(".".join(condition[1]))
            found |= {f"{place}{name}" for name in _PRICES if not name.startswith("tiers.")}
    return frozenset(found)


def _of_globs(
    settings: Settings, webhook: Webhook, key: str, names: frozenset[str]
) -> Iterator[Problem]:
    where = settings.where(webhook.name)
    globs: tuple[str, ...] = getattr(webhook, key)
    for glob in globs:
        if not _matches_any(glob, names):
            said = _said(settings, webhook, key, glob)
            yield where.problem(key, f"{said} matches nothing known{_hint(glob, names)}")
    means_something = any(_matches_any(glob, names) for glob in globs)
    if means_something and not any(selects(globs, name) for name in names):
        yield where.problem(key, "excludes all that it selects: nothing known is left")


def _hint(glob: str, names: frozenset[str]) -> str:
    plain = glob.removeprefix("!")
    if not plain.strip():
        return ': remove it, or write "*"'
    if "[" in plain and "]" in plain and not any("[" in name for name in names):
        return ": brackets stand for themselves; write a pattern for each"
    few = len(names) <= _LONGEST_LIST
    hint = near(plain, names)
    return hint if few or "did you mean" in hint else ""


def remarks(settings: Settings, webhook: Webhook) -> Iterator[Problem]:
    """What is right, and may still be another thing than it looks like."""
    others = any(selects(webhook.events, kind) for kind in MODEL_TYPES if kind != REPRICED)
    if others and set(webhook.directions) not in (set(), set(DIRECTIONS)):
        where = settings.where(webhook.name)
        yield where.problem("directions", _OTHERS_COME)


def _matches_any(glob: str, names: Iterable[str]) -> bool:
    return any(matches(glob.removeprefix("!"), name) for name in names)


def _said(settings: Settings, webhook: Webhook, key: str, value: str) -> str:
    """A value in quotes, unless it was read from elsewhere, and may be a secret."""
    written = settings.written(webhook.name).get(key)
    given = written if isinstance(written, list) else [written]
    return repr(value) if value in given else "a pattern"
