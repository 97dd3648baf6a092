"""What was recorded last stands first, whenever it was seen."""

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.events import Event
from pricetrail.queries import events, feed
from pricetrail.queries.event_cursors import Question
from pricetrail.storage.database import Database
from tests.web.api.recordings import two_sources


def test_a_feed_is_read_from_its_end_to_its_beginning(database_url: str) -> None:
    database = Database(database_url)
    with pytest.raises(NotFoundError):
        feed.ask(database, Question())
    two_sources(database)
    found: list[Event] = []
    before = None
    while True:
        answer = feed.ask(database, Question(), before, limit=3)
        found += answer.events
        if answer.next is None:
            break
        before = answer.next
    assert [event.source for event in found] == ["west"] * 2 + ["east"] * 2
    assert {event.id for event in found} == {event.id for event in events.ask(database).events}
    assert answer.as_json() == {"events": [event.as_json() for event in found[3:]], "next": None}
    only = feed.ask(database, Question(source="east", model="m*", types=("model.repriced",)))
    assert [event.version for event in only.events] == [3, 2]
    assert feed.ask(database, Question(model="none*")).events == ()
    with pytest.raises(InvalidInputError):
        feed.ask(database, Question(types=("x",)))
    database.close()
