"""The question behind each tool: asked of `queries`, with what the answer rests on, in pages."""

from collections import deque
from dataclasses import replace
from datetime import datetime

from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.pointers import from_person
from pricetrail.catalog.saved_heads import head_witness
from pricetrail.catalog.times import rfc3339
from pricetrail.mcp import arguments as asked
from pricetrail.mcp import paging
from pricetrail.mcp.paging import members
from pricetrail.queries import (
    basis,
    compare,
    coverage,
    diff,
    events,
    head,
    history,
    models,
    price,
    snapshots,
    sources,
    verification,
)
from pricetrail.queries.answers import Pieces
from pricetrail.queries.basis import BasisAnswer
from pricetrail.queries.source_selection import Selection
from pricetrail.storage.database import Database
from pricetrail.storage.source_names import SomeNames, some
from pricetrail.storage.sources import choose
from pricetrail.text.globs import matches

Document = dict[str, object]

# What an event log of more sources rests on would fill the page by itself.
MOST_SOURCES = 20
_DIFF = ("added", "removed", "repriced", "updated")


def ask_price(database: Database, given: asked.PriceArguments) -> Document:
    """What a model cost at a time."""
    field = None if given.field is None else from_person(given.field)
    with database.read() as transaction:
        answer = price.ask(transaction, given.source, given.model, given.at, field)
        return _resting(answer.as_json(), basis.of_price(transaction, answer))


def ask_models(database: Database, given: asked.ModelsArguments) -> Document:
    """A page of the catalog, in order of id."""
    with database.read() as transaction:
        answer = models.ask(transaction, given.source, given.at)
        rests_on = basis.ask(transaction, answer.source, given.at)
    found = [state for state in answer.states if matches(given.model or "*", state.model)]
    rest = [state for state in found if given.cursor is None or state.model > given.cursor]
    page = replace(answer, states=tuple(rest[: given.limit])).as_json()
    documents = members(page, "data")
    shown = paging.first(documents, given.limit)
    page |= {"data": documents[:shown], "total": len(found)}
    return _page(page, rest[shown - 1].model if shown < len(rest) else None, rests_on)


def ask_history(database: Database, given: asked.HistoryArguments) -> Document:
    """A page of what changed about a model."""
    field = None if given.field is None else from_person(given.field)
    before = paging.version(given.cursor)
    answer = history.ask(database, given.source, given.model, field)
    rest = [entry for entry in answer.entries if before is None or entry.version < before]
    page = replace(answer, entries=Pieces(lambda: iter(rest))).as_json()
    entries = members(page, "events")
    start = paging.newest(entries, given.limit, [entry.version for entry in rest])
    page["events"] = entries[start:]
    return _page(page, str(rest[start].version) if start else None, _over(database, answer.source))


def ask_compare(
    database: Database, given: asked.CompareArguments, aliases: Aliases = NO_ALIASES
) -> Document:
    """A page of what several sources ask for the same models, in order of id."""
    field = None if given.field is None else from_person(given.field)
    with database.read() as transaction:
        if not given.sources:
            _require_few(some(transaction, MOST_SOURCES), "name some of those in `sources`")
        answer = compare.ask(
            transaction, given.model, given.at, field, given.sources, aliases=aliases
        )
        rests_on = [basis.ask(transaction, source, given.at) for source in answer.sources]
    rest = [one for one in answer.models if given.cursor is None or one.model > given.cursor]
    page = replace(answer, models=tuple(rest[: given.limit])).as_json()
    entries = members(page, "models")
    shown = paging.first(entries, given.limit)
    page["models"] = entries[:shown]
    return _page(page, rest[shown - 1].model if shown < len(rest) else None, *rests_on)


def ask_diff(database: Database, given: asked.DiffArguments) -> Document:
    """A page of what lies between two versions."""
    place = paging.between(given.cursor, given.older, given.newer)
    now = database.now()
    with database.read() as transaction:
        answer = diff.ask(transaction, given.source, place.a, place.b)
        rests_on = basis.ask_between(transaction, answer.source, now, answer.a, answer.b)
    page = answer.as_json()
    every = [(kind, entry) for kind in _DIFF for entry in members(page, kind)]
    rest = every[place.shown :]
    shown = paging.first([entry for _, entry in rest], given.limit)
    for kind in _DIFF:
        page[kind] = [entry for name, entry in rest[:shown] if name == kind]
    page["counts"] = {kind: sum(name == kind for name, _ in every) for kind in _DIFF}
    # By number: `latest` may be another one by the time of the next page.
    following = paging.Between(str(answer.a), str(answer.b), place.shown + shown)
    return _page(page, str(following) if shown < len(rest) else None, rests_on)


def ask_events(database: Database, given: asked.EventsArguments) -> Document:
    """A page of what happened, of one source or of all."""
    with database.read() as transaction:
        if given.source is None:
            known = some(transaction, MOST_SOURCES)
            _require_few(known, "name one of those in `sources`")
            told = known.names
        else:
            told = (choose(transaction, given.source).name,)
    answer = events.ask(
        database,
        given.source,
        since=given.since,
        until=given.until,
        types=given.types,
        model=given.model,
        # One more than the page, which tells whether there is another.
        limit=given.limit + 1,
        before=given.cursor,
    )
    happened = list(answer.events)
    page = replace(answer, events=iter(happened)).as_json()
    entries = members(page, "events")
    start = paging.newest(entries, given.limit)
    page["events"] = entries[start:]
    rests_on = (_over(database, source, given.since, given.until) for source in told)
    return _page(page, happened[start].id if start else None, *rests_on)


def ask_snapshots(database: Database, given: asked.SnapshotsArguments) -> Document:
    """A page of a source's versions."""
    before = paging.version(given.cursor)
    answer = snapshots.ask(database, given.source)
    rows = (row for row in answer.snapshots if before is None or row.version < before)
    rest = deque(rows, maxlen=given.limit + 1)
    page = replace(answer, snapshots=Pieces(lambda: iter(rest))).as_json()
    entries = members(page, "snapshots")
    start = paging.newest(entries, given.limit)
    page["snapshots"] = entries[start:]
    return _page(page, str(rest[start].version) if start else None, _over(database, answer.source))


def ask_coverage(database: Database, given: asked.CoverageArguments) -> Document:
    """The coverage of a time: the shares of all of it, a page of its stretches and gaps."""
    before, now = paging.time(given.cursor), database.now()
    with database.read() as transaction:
        answer = coverage.ask(transaction, given.source, now, given.since, given.until)
        rests_on = basis.of_coverage(transaction, answer)
    page = answer.as_json()
    begun = [stretch.first_at for stretch in answer.stretches], [gap.since for gap in answer.gaps]
    every = [
        (at, kind, entry)
        for kind, times in zip(("stretches", "gaps"), begun, strict=True)
        for at, entry in zip(times, members(page, kind), strict=True)
        if before is None or at < before
    ]
    rest = sorted(every, key=lambda one: one[0])
    start = paging.newest([entry for *_, entry in rest], given.limit, [at for at, *_ in rest])
    for name in ("stretches", "gaps"):
        page[name] = [entry for _, kind, entry in rest[start:] if kind == name]
    return _page(page, rfc3339(rest[start][0]) if start else None, rests_on)


def ask_verify(database: Database, given: asked.VerifyArguments) -> Document:
    """Whether a history still agrees with its hashes."""
    saved = None if given.head is None else head_witness(given.head)
    with database.read() as transaction:
        answer = verification.ask(transaction, given.source, saved)
    return _resting(answer.as_json(), _over(database, answer.verdict.source))


def ask_head(database: Database, given: asked.HeadArguments) -> Document:
    """The newest head."""
    with database.read() as transaction:
        answer = head.ask(transaction, given.source)
        return _resting(answer.as_json(), basis.ask(transaction, answer.source))


def ask_sources(database: Database, given: asked.SourcesArguments) -> Document:
    """A page of the sources, by name."""
    now = database.now()
    with database.read() as transaction:
        page = Selection(after=given.cursor, limit=given.limit)
        answer = sources.ask(transaction, now, selection=page)
        rests_on = [basis.ask(transaction, source.name) for source in answer.sources]
    return _page(answer.as_json(), answer.next, *rests_on)


def with_labels(answer: Document, labels: sources.Labels) -> Document:
    """A page of the sources with the labels that a configuration gives to its own."""
    entries = answer["sources"]
    if not isinstance(entries, list):
        raise TypeError("sources are no list")
    return {
        **answer,
        "sources": [{**one, "labels": labels.get(one["name"], one["labels"])} for one in entries],
    }


def _require_few(known: SomeNames, remedy: str) -> None:
    if known.total > MOST_SOURCES:
        raise InvalidInputError(f"there are {known.total:,} sources: {remedy}")


def _resting(answer: Document, *on: BasisAnswer) -> Document:
    """An answer, and what it rests on."""
    return {**answer, "basis": [one.as_json() for one in on]}


def _page(answer: Document, following: str | None, *on: BasisAnswer) -> Document:
    """A page of an answer, with the cursor of the next one."""
    return {**_resting(answer, *on), "next": following}


def _over(
    database: Database, source: str, since: datetime | None = None, until: datetime | None = None
) -> BasisAnswer:
    """The basis of a stretch of time, read after its answer: the head is never behind it."""
    now = database.now()
    with database.read() as transaction:
        return basis.ask_over(transaction, source, now, since, until)
