"""The question of a feed: what was recorded last?"""

from dataclasses import dataclass

from pricetrail.catalog.events import Event
from pricetrail.queries.event_cursors import Question
from pricetrail.queries.events import models_matching, require_types, source_id
from pricetrail.storage.database import Database
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.newest_events import newest

ENTRIES = 100


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """Events, what was recorded last first; `next` are those before them, None at the end.

    So whatever comes late, an import of old observations too, stands at the top once.
    """

    events: tuple[Event, ...]
    next: int | None

    def as_json(self) -> dict[str, object]:
        """The events as in the document of `events`."""
        return {"events": [event.as_json() for event in self.events], "next": self.next}


def ask(
    database: Database, question: Question, before: int | None = None, limit: int = ENTRIES
) -> FeedAnswer:
    """The events that were recorded last, of one source or of all.

    Args:
        before: the `next` of the answer before this one.

    Raises:
        InvalidInputError: no such type of event.
        NotFoundError: no such source, or nothing is recorded yet.
    """
    require_types(question.types)
    source = source_id(database, question.source)
    with database.read() as transaction:
        models = None
        if question.model is not None:
            models = models_matching(transaction, source, question.model)
        wanted = EventFilter(
            source,
            question.since,
            question.until,
            question.types,
            before=before,
            model_ids=models,
            limit=limit + 1,
        )
        found = list(newest(transaction, wanted))
    more = len(found) > limit
    return FeedAnswer(
        tuple(event for _, event in found[:limit]), found[limit - 1][0] if more else None
    )
