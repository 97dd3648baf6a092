"""A body that is another than the accepted one: read, compared, judged and recorded."""

import threading
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from pricetrail.catalog.catalogs import Limits
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.polls import candidates, rereading, verdicts
from pricetrail.jobs.polls.candidates import Candidate
from pricetrail.jobs.polls.catalog_cache import CatalogCache
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.polls.turns import Turn
from pricetrail.storage.database import Database
from pricetrail.storage.polls.outcomes import CHANGED, QUARANTINED

# A body takes many times its size while it is read. One larger than this is read by itself: under
# one interpreter several at once would be no sooner done.
_LARGE = 1024 * 1024


class Bodies:
    """Judges bodies against the catalogs that were accepted last, which it remembers."""

    def __init__(self, database: Database) -> None:
        self._cache = CatalogCache(database)
        self._one_large = threading.Lock()

    def record(self, turn: Turn, body: bytes, body_hash: bytes, etag: str | None) -> Polled:
        """Record a poll by its body: a new version, a catalog that is set aside, or no change."""
        with self._one_large if len(body) > _LARGE else nullcontext():
            return self._record(turn, body, body_hash, etag)

    def _record(self, turn: Turn, body: bytes, body_hash: bytes, etag: str | None) -> Polled:
        head = self._cache.find(turn.poll.source)
        before = head.catalog if head else None
        try:
            catalog = turn.source.reader.read(body, before, Limits(turn.source.max_models))
        except CatalogError as error:
            return turn.failed(str(error))
        candidate = Candidate(
            catalog, body, body_hash, etag, head, turn.source.ignored, turn.begins_anew
        )
        new = _build(turn, candidate)
        if before is None or new.differs or candidate.anew:
            return self._different(turn, candidate, new)
        if new.difference:
            # It is another text, which is believed only for as long as what is ignored stays: the
            # accepted one stays what the next answer is held against, and asked for.
            return turn.unchanged()
        return turn.unchanged(etag, body_hash)

    def read_anew(self, turn: Turn) -> Turn:
        """The poll, after the accepted body was read as the source is read by now.

        Where that cannot be, the poll begins anew: nothing can be compared with what came before.
        """
        state = turn.poll.source
        head = self._cache.find(state)
        if head is None:
            return turn
        at = max(turn.poll.started_at, turn.not_earlier or turn.poll.started_at)
        with turn.together.database.write() as connection:
            reread = rereading.read_anew(
                connection, state, head, turn.source.reader, turn.source.ignored, at
            )
        if reread is None:
            return replace(turn, begins_anew=True)
        rereading.log_reread(state, reread)
        self._cache.keep(state, reread.state.head_version, reread.state.head_hash, reread.head)
        return turn.going_on(reread.state, at if reread.new is not None else turn.version_came)

    def _different(self, turn: Turn, candidate: Candidate, new: NewVersion) -> Polled:
        with turn.write() as connection:
            verdict = verdicts.decide(connection, turn.source, turn.poll, new, candidate)
            if not verdict.accepted:
                entry = turn.recorder.quarantined(connection, new, candidate.body, verdict)
                return replace(
                    turn.polled(QUARANTINED, verdict.reason),
                    quarantine=entry,
                    held=verdict.entry is None,
                    models=len(new.catalog),
                )
            if verdict.confirmed:
                turn.follow_up.news.confirm(connection, verdict)
                new = _build(turn, candidate, verdict.seen_first)
            head = turn.recorder.accepted(
                connection, new, candidate.body, candidate.head, candidate.etag
            )
        self._cache.keep(turn.poll.source, new.version.number, new.version.hash, head)
        return Polled(
            turn.source.name,
            CHANGED,
            new.version.number,
            new.counts,
            models=len(new.catalog),
            touched=len({event.model for event in new.events if event.model is not None}),
            baseline=new.baseline,
        )


def _build(turn: Turn, candidate: Candidate, seen_first: datetime | None = None) -> NewVersion:
    return candidates.new_version(
        turn.source,
        turn.poll,
        candidate,
        not_earlier=turn.not_earlier,
        seen_first=seen_first,
    )
