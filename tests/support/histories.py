"""Histories for tests, written by the code that polls write with: real tables, made-up times."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pricetrail.catalog import merkle
from pricetrail.catalog.catalogs import read
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import to_millisecond, utc
from pricetrail.catalog.versions import NewVersion, VersionDraft, build_version
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.jobs.polls.verdicts import Verdict
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import latest
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.polls.outcomes import GOOD, IMPORTED
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import SourceState, open_source

Catalog = Mapping[str, Any]


def at(text: str) -> datetime:
    """`at("10:00")` is that time on 2026-03-01; a longer text is any RFC 3339 time or date."""
    return utc(f"2026-03-01T{text}:00Z" if len(text) == 5 else text)


def model(name: str, pricing: Mapping[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A model document; `pricing` defaults to token prices of 3 and 15 dollars a million."""
    priced = pricing if pricing is not None else tokens("0.000003", "0.000015")
    return {
        "id": name,
        "display_name": name.title(),
        "type_target": "openai",
        "created_at": "2026-01-01T00:00:00Z",
        "pricing": priced,
        **more,
    }


def tokens(prompt: str, completion: str, **groups: Any) -> dict[str, Any]:
    """Token pricing; `groups` are further groups such as `cache={"read": "0.0000003"}`."""
    return {"kind": "token", "text": {"prompt": prompt, "completion": completion}, **groups}


def catalog(*models: Mapping[str, Any]) -> dict[str, Any]:
    """The answer of the gateway that lists these models."""
    return {
        "object": "list",
        "data": sorted(models, key=lambda document: str(document["id"])),
        "total": len(models),
    }


def build(
    database: Database,
    source: str,
    history: Iterable[tuple[datetime | str, Catalog | None]],
    *,
    imported: bool = False,
    longest_pause: timedelta | None = None,
) -> None:
    """Record polls in order: a catalog is a good poll, None one that failed."""
    head: LatestCatalog | None = None
    for moment, found in history:
        when = at(moment) if isinstance(moment, str) else moment
        if found is None:
            failed(database, source, when)
        else:
            body = dumps(dict(found)).encode()
            with database.write() as connection:
                made = _poll(connection, source, when, timedelta(0), longest_pause, imported)
                # As a process that goes on: it need not read its newest catalog again.
                _, head = _accept(connection, made, body, head=head)


def poll(
    database: Database,
    source: str,
    when: datetime | str,
    found: Catalog | bytes,
    *,
    imported: bool = False,
    took: timedelta = timedelta(0),
    longest_pause: timedelta | None = None,
) -> int:
    """One good poll that began at `when`, with all that it means; the version it saw."""
    body = found if isinstance(found, bytes) else dumps(dict(found)).encode()
    with database.write() as connection:
        made = _poll(connection, source, when, took, longest_pause, imported)
        return _accept(connection, made, body)[0]


def poll_within(connection: Transaction, source: str, when: str, found: Catalog) -> None:
    """One good poll in a transaction that goes on."""
    made = _poll(connection, source, when, timedelta(0), None, imported=False)
    _accept(connection, made, dumps(dict(found)).encode())


def accepted(database: Database, source: str, when: str, found: Catalog, *, seen_first: str) -> int:
    """A catalog that was set aside, accepted after all; the version it made."""
    with database.write() as connection:
        made = _poll(connection, source, when, timedelta(0), None, imported=False)
        return _accept(connection, made, dumps(dict(found)).encode(), at(seen_first))[0]


def failed(
    database: Database, source: str, when: datetime | str, why: str = "503 from the gateway"
) -> None:
    """One poll that failed."""
    with database.write() as connection:
        made = _poll(connection, source, when, timedelta(0), None, imported=False)
        PollRecorder(made).failed(connection, why)


def quarantined(
    database: Database, source: str, when: datetime | str, why: str = "the catalog is empty"
) -> None:
    """One poll whose catalog was set aside (without its row in `quarantine`)."""
    with database.write() as connection:
        made = _poll(connection, source, when, timedelta(0), None, imported=False)
        aside = _build(made, b'{"object": "list", "data": [], "total": 0}', None, made.finished_at)
        PollRecorder(made).quarantined(connection, aside, b"", Verdict(why))


def _poll(
    connection: Transaction,
    source: str,
    when: datetime | str,
    took: timedelta,
    longest_pause: timedelta | None,
    imported: bool,
) -> Poll:
    began = to_millisecond(at(when) if isinstance(when, str) else when)
    state = open_source(connection, source, began, url="http://127.0.0.1/v1/models")
    return Poll(
        state,
        began,
        began + took,
        longest_pause=longest_pause,
        covers=IMPORTED if imported else GOOD,
        logged=not imported,
    )


def _accept(
    connection: Transaction,
    made: Poll,
    body: bytes,
    seen_first: datetime | None = None,
    head: LatestCatalog | None = None,
) -> tuple[int, LatestCatalog | None]:
    head = head or latest.load(connection, made.source)
    new = _build(made, body, head, seen_first or made.finished_at)
    if head is not None and not new.differs:
        PollRecorder(made).unchanged(connection, body_hash=new.body_hash)
        return made.source.head_version, head
    return new.version.number, PollRecorder(made).accepted(connection, new, body, head)


def _build(made: Poll, body: bytes, head: LatestCatalog | None, came: datetime) -> NewVersion:
    before = head.catalog if head is not None else None
    return build_version(
        _draft(made.source, came),
        before,
        read(body, before),
        merkle.body_hash(body),
        head.known_schema if head is not None else frozenset(),
    )


def _draft(source: SourceState, now: datetime) -> VersionDraft:
    return VersionDraft(
        source.name,
        source.head_version + 1,
        source.head_hash,
        source.good_started_at,
        now,
        baseline=source.head_version == 0,
        chain_name=source.chain_name,
    )


def hourly(first: str, catalogs: Sequence[Catalog | None]) -> list[tuple[datetime, Catalog | None]]:
    """A poll an hour from `first` on, for `build`."""
    start = at(first)
    return [(start + timedelta(hours=n), found) for n, found in enumerate(catalogs)]
