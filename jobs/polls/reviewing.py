"""Somebody's verdict on a catalog that was set aside."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pricetrail.catalog.catalogs import Limits, read
from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.deliveries.routing import Webhooks
from pricetrail.jobs.polls import candidates
from pricetrail.jobs.polls.candidates import Candidate
from pricetrail.jobs.polls.follow_up import FollowUp
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import latest
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.quarantine import APPROVED, HELD, REJECTED, SetAside

_NOWHERE = "http://localhost/"


class VerdictError(PricetrailError):
    """The verdict cannot be given any more, or not like this."""


@dataclass(frozen=True, slots=True)
class Review:
    """A catalog that was set aside, beside the accepted one; `step`: what accepting it means."""

    entry: SetAside
    step: NewVersion
    accepted: Candidate
    follow_up: FollowUp


def review(
    connection: Transaction,
    webhooks: Webhooks,
    configured: Mapping[str, Source],
    number: int,
    now: datetime,
) -> Review:
    """What approving would announce.

    Raises:
        NotFoundError: there is no such entry.
    """
    entry = quarantine.find(connection, number)
    state = sources.choose(connection, entry.source)
    source = configured.get(entry.source) or Source(name=entry.source, url=_NOWHERE, api_key="-")
    head = latest.load(connection, state)
    body = quarantine.body_of(connection, number)
    before = head.contents if head else None
    catalog = read(body, before, Limits(max(source.max_models, entry.models)))
    candidate = Candidate(catalog, body, sha256(body).digest(), None, head)
    # The catalog is covered as of the last poll that brought it; this is no poll of its own.
    # Where a clock was ahead then, that is now at the latest.
    at = min(entry.last_at, now)
    poll = Poll(state, at, at, logged=False)
    step = candidates.new_version(source, poll, candidate, seen_first=entry.first_at)
    return Review(entry, step, candidate, FollowUp(source, poll, webhooks, now))


def approve(
    database: Database, webhooks: Webhooks, configured: Mapping[str, Source], number: int
) -> Review:
    """Accept a catalog: its version is made, its changes are announced.

    Raises:
        NotFoundError: there is no such entry.
        VerdictError: it was decided already, or another catalog was accepted since.
    """
    now = database.now()
    with database.write() as connection:
        asked = review(connection, webhooks, configured, number, now)
        candidate, follow_up = asked.accepted, asked.follow_up
        _require_open(asked)
        if asked.entry.base_version != follow_up.poll.source.head_version:
            raise VerdictError(
                f"quarantine {number} is out of date: another catalog was accepted since; "
                "reject it, the next poll looks again"
            )
        if candidate.before is not None and not asked.step.differs:
            raise VerdictError(f"quarantine {number} holds what is accepted already: reject it")
        follow_up.release(connection, asked.entry, APPROVED)
        recorder = PollRecorder(follow_up.poll, follow_up)
        recorder.accepted(connection, asked.step, candidate.body, candidate.head)
    return asked


def reject(
    database: Database, webhooks: Webhooks, configured: Mapping[str, Source], number: int
) -> Review:
    """Refuse a catalog; it stays set aside in silence for as long as it comes.

    Raises:
        NotFoundError: there is no such entry.
        VerdictError: it was decided already.
    """
    now = database.now()
    with database.write() as connection:
        asked = review(connection, webhooks, configured, number, now)
        _require_open(asked)
        asked.follow_up.release(connection, asked.entry, REJECTED)
    return asked


def _require_open(asked: Review) -> None:
    if asked.entry.state != HELD:
        raise VerdictError(f"quarantine {asked.entry.id} was {asked.entry.state} already")
