"""Somebody's verdict on a catalog that was set aside."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from pricetrail.catalog.catalogs import Limits, read
from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.deliveries.routing import Webhooks
from pricetrail.jobs.polls.recording import Accepted, Recorder
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import latest
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.quarantine import APPROVED, HELD, REJECTED, SetAside


class VerdictError(PricetrailError):
    """The verdict cannot be given any more, or not like this."""


@dataclass(frozen=True, slots=True)
class Review:
    """A catalog that was set aside, beside the accepted one; `step`: what accepting it means."""

    entry: SetAside
    step: NewVersion
    accepted: Accepted
    recorder: Recorder


def review(
    connection: Transaction,
    webhooks: Webhooks,
    configured: dict[str, Source],
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
    contents = read(body, before, Limits(max(source.max_models, entry.models)))
    accepted = Accepted(contents, body, sha256(body).digest(), None, head)
    # It vouches for the catalog as of the last poll that brought it; this is no poll of its own.
    # Where a clock was ahead then, that is now at the latest.
    at = min(entry.last_at, now)
    poll = Poll(state, at, at, logged=False)
    recorder = Recorder(source, poll, webhooks, now)
    return Review(entry, recorder.step(accepted, seen_first=entry.first_at), accepted, recorder)


_NOWHERE = "http://localhost/"


def approve(
    database: Database, webhooks: Webhooks, configured: dict[str, Source], number: int
) -> Review:
    """Accept a catalog: its version is made, its changes are announced.

    Raises:
        NotFoundError: there is no such entry.
        VerdictError: it was decided already, or another catalog was accepted since.
    """
    now = database.now()
    with database.write() as connection:
        found = review(connection, webhooks, configured, number, now)
        _require_open(found)
        if found.entry.base_version != found.recorder.poll.source.head_version:
            raise VerdictError(
                f"quarantine {number} is out of date: another catalog was accepted since; "
                "reject it, the next poll looks again"
            )
        if found.accepted.before is not None and not found.step.differs:
            raise VerdictError(f"quarantine {number} holds what is accepted already: reject it")
        found.recorder.release(connection, found.entry, APPROVED)
        found.recorder.accept(connection, found.step, found.accepted)
    return found


def reject(
    database: Database, webhooks: Webhooks, configured: dict[str, Source], number: int
) -> Review:
    """Refuse a catalog; it stays set aside in silence for as long as it comes.

    Raises:
        NotFoundError: there is no such entry.
        VerdictError: it was decided already.
    """
    now = database.now()
    with database.write() as connection:
        found = review(connection, webhooks, configured, number, now)
        _require_open(found)
        found.recorder.release(connection, found.entry, REJECTED)
    return found


def _require_open(found: Review) -> None:
    if found.entry.state != HELD:
        raise VerdictError(f"quarantine {found.entry.id} was {found.entry.state} already")
