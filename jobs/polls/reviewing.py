"""Somebody's verdict on a catalog that was set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pricetrail.alerts.webhooks import Webhooks
from pricetrail.catalog.catalogs import Limits
from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.readers import find_reader
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.polls import candidates
from pricetrail.jobs.polls.candidates import Candidate
from pricetrail.jobs.polls.follow_up import FollowUp
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.jobs.source import Source
from pricetrail.queries.quarantine import ReviewAnswer
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import latest, readings
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.quarantine import APPROVED, HELD, REJECTED, SetAside
from pricetrail.storage.sources import SourceState

_NOWHERE = "http://localhost/"


class VerdictError(PricetrailError):
    """The verdict cannot be given any more, or not like this."""


@dataclass(frozen=True, slots=True)
class _Review:
    """A catalog that was set aside, and the version that accepting it makes."""

    entry: SetAside
    new: NewVersion
    candidate: Candidate
    follow_up: FollowUp


def preview(
    connection: Transaction, configured: Mapping[str, Source], number: int, now: datetime
) -> ReviewAnswer:
    """The events that approving a catalog now would announce.

    Raises:
        NotFoundError: there is no such entry.
    """
    review = _review(connection, {}, configured, number, now)
    return ReviewAnswer(review.entry, tuple(review.new.events))


def _review(
    connection: Transaction,
    webhooks: Webhooks,
    configured: Mapping[str, Source],
    number: int,
    now: datetime,
) -> _Review:
    entry = quarantine.get(connection, number)
    state = sources.choose(connection, entry.source)
    source = configured.get(entry.source) or _unconfigured(state)
    head = latest.load(connection, state)
    body = quarantine.body_of(connection, number)
    before = head.catalog if head else None
    catalog = source.reader.read(body, before, Limits(max(source.max_models, entry.models)))
    candidate = Candidate(catalog, body, sha256(body).digest(), None, head, source.ignored)
    # The catalog is covered as of the last poll that brought it; this is no poll of its own.
    # Where a clock was ahead then, that is now at the latest.
    at = min(entry.last_at, now)
    poll = Poll(state, at, at, logged=False)
    new = candidates.new_version(source, poll, candidate, seen_first=entry.first_at)
    return _Review(entry, new, candidate, FollowUp(source, poll, webhooks, now))


def _unconfigured(state: SourceState) -> Source:
    """A source that only the database knows, read as its accepted catalog was."""
    reader = find_reader(readings.read_by(state))
    if reader is None:
        raise VerdictError(
            f"source {state.name} is not configured, and no dialect here reads its lists as before"
        )
    return Source(
        name=state.name, url=_NOWHERE, api_key="-", dialect=reader.dialect, keep=reader.keep
    )


def approve(
    database: Database, webhooks: Webhooks, configured: Mapping[str, Source], number: int
) -> NewVersion:
    """Accept a catalog: make its version, announce its changes, and give the version back.

    Raises:
        NotFoundError: there is no such entry.
        VerdictError: it was decided already, or another catalog was accepted since.
    """
    now = database.now()
    with database.write() as connection:
        _lock(connection, number)
        review = _review(connection, webhooks, configured, number, now)
        candidate, follow_up = review.candidate, review.follow_up
        _require_open(review)
        if review.entry.base_version != follow_up.poll.source.head_version:
            raise VerdictError(
                f"quarantine {number} is out of date: another catalog was accepted since; "
                "reject it, the next poll looks again"
            )
        if readings.read_by(follow_up.poll.source) != follow_up.source.read_by and candidate.before:
            raise VerdictError(
                f"quarantine {number} was set aside before the source's dialect changed: the next "
                "poll reads what is accepted anew, and looks again"
            )
        if candidate.before is not None and not review.new.differs:
            raise VerdictError(f"quarantine {number} holds what is accepted already: reject it")
        follow_up.news.release(connection, review.entry, APPROVED)
        recorder = PollRecorder(follow_up.poll, follow_up)
        recorder.accepted(connection, review.new, candidate.body, candidate.head)
    return review.new


def reject(
    database: Database, webhooks: Webhooks, configured: Mapping[str, Source], number: int
) -> None:
    """Refuse a catalog; it stays set aside in silence for as long as it comes.

    Raises:
        NotFoundError: there is no such entry.
        VerdictError: it was decided already.
    """
    now = database.now()
    with database.write() as connection:
        _lock(connection, number)
        review = _review(connection, webhooks, configured, number, now)
        _require_open(review)
        review.follow_up.news.release(connection, review.entry, REJECTED)


def _lock(connection: Transaction, number: int) -> None:
    """Lock the source first, as polls do: two that lock in one order never wait for each other."""
    entry = quarantine.get(connection, number)
    sources.lock(connection, sources.choose(connection, entry.source).id)


def _require_open(review: _Review) -> None:
    if review.entry.state != HELD:
        raise VerdictError(f"quarantine {review.entry.id} was {review.entry.state} already")
