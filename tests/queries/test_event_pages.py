"""Pages of the event log: whatever is recorded meanwhile, nothing is lost or comes twice."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries import event_pages, events
from pricetrail.queries.event_cursors import Cursor, Question
from pricetrail.queries.event_pages import EventPage
from pricetrail.storage.database import Database
from pricetrail.storage.history import events as log
from pricetrail.storage.history.event_lanes import position
from pricetrail.storage.history.events import EventFilter
from tests.support.histories import at, build, catalog, failed, model, poll, poll_within, tokens

PRICES = [f"0.00000{n}" for n in range(1, 9)]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def moving(database: Database, source: str, hours: range, minute: str = "00") -> None:
    """A poll an hour, each of which finds one price and one name changed."""
    for hour in hours:
        poll(database, source, f"{hour:02}:{minute}", listing(hour))


def listing(hour: int) -> dict[str, Any]:
    moved = model("m", tokens(PRICES[hour % 8], "0.1"), display_name=f"M {hour}")
    return catalog(moved, model("still"))


def everything(database: Database) -> list[str]:
    return [event.id for event in events.ask(database).events]


def ids(page: EventPage) -> list[str]:
    return [entry.event.id for entry in page.entries]


def sources_of(*pages: EventPage) -> list[str]:
    return [entry.event.source for page in pages for entry in page.entries]


def read(
    database: Database, question: Question, limit: int, meanwhile: Callable[[int], None]
) -> list[str]:
    """All pages of a question to their end, and what is done behind each."""
    found, cursor, number = [], None, 0
    while True:
        page = event_pages.ask(database, question, cursor, limit)
        found += ids(page)
        meanwhile(number)
        cursor, number = page.end, number + 1
        if page.next is None and number > 6:
            # What was recorded behind the last page is behind its end.
            return found
        assert page.next in (None, page.end)


def test_pages_are_the_log_in_order_of_time(database: Database) -> None:
    moving(database, "late", range(9, 13), "30")
    moving(database, "early", range(9, 13))
    failed(database, "early", "14:00")
    for limit in (1, 3, 100):
        assert read(database, Question(), limit, lambda _: None) == everything(database)
    page = event_pages.ask(database, Question(), None, 100)
    assert page.next is None
    assert page.as_json() == events.ask(database).as_json() | {"next": None}


@pytest.mark.parametrize("limit", [1, 2, 5, 100])
def test_polls_and_imports_meanwhile_lose_and_repeat_nothing(
    database: Database, limit: int
) -> None:
    moving(database, "a", range(12, 15))
    moving(database, "b", range(12, 15), "30")

    def meanwhile(page: int) -> None:
        if page == 0:
            moving(database, "a", range(15, 17))
        elif page == 1:
            # An import: older than all that was read, and recorded last.
            build(
                database,
                "old",
                [(f"0{n}:00", catalog(model(f"o{n}"))) for n in range(1, 5)],
                imported=True,
            )
        elif page == 4:
            moving(database, "b", range(17, 18), "30")

    found = read(database, Question(), limit, meanwhile)
    assert sorted(found) == sorted(everything(database))
    assert len(set(found)) == len(found)


def test_a_reader_comes_back_for_what_was_recorded_since(database: Database) -> None:
    moving(database, "a", range(9, 12))
    question = Question(types=("model.repriced",), model="m*")
    first = event_pages.ask(database, question, None, 100)
    assert (len(first.entries), first.next) == (2, None)
    assert ids(event_pages.ask(database, question, first.end, 100)) == []
    moving(database, "b", range(1, 3))
    moving(database, "a", range(12, 13))
    page = event_pages.ask(database, question, first.end, 1)
    assert page.next is not None
    rest = event_pages.ask(database, question, page.next, 100)
    assert [entry.event.source for entry in (*page.entries, *rest.entries)] == ["b", "a"]


def test_every_event_has_a_cursor_that_goes_on_behind_it(database: Database) -> None:
    moving(database, "a", range(9, 12))
    moving(database, "b", range(9, 12))
    whole = event_pages.ask(database, Question(), None, 100)
    for index, entry in enumerate(whole.entries):
        rest = event_pages.ask(database, Question(), entry.cursor, 100)
        assert ids(rest) == ids(whole)[index + 1 :]
    assert (
        ids(event_pages.ask(database, Question(), event_pages.now(database, Question()), 9)) == []
    )


@pytest.mark.parametrize("cursor", ["", "x", "*", "AAAAAAAA", "ä", "A" * 300_000])
def test_what_is_no_cursor_is_refused(database: Database, cursor: str) -> None:
    moving(database, "a", range(9, 11))
    with pytest.raises(InvalidInputError, match="or start without a cursor"):
        event_pages.ask(database, Question(), cursor, 10)


def test_a_cursor_is_good_for_its_question_alone(database: Database) -> None:
    moving(database, "a", range(9, 12))
    cursor = event_pages.ask(database, Question(source="a"), None, 1).next
    assert cursor is not None
    assert len(event_pages.ask(database, Question(source="a"), cursor, 10).entries) == 3
    for other in (
        Question(),
        Question(source="a", model="m"),
        Question(source="a", since=at("09:00")),
    ):
        with pytest.raises(InvalidInputError, match="is for a different query"):
            event_pages.ask(database, other, cursor, 10)


def test_a_cursor_that_is_ahead_of_a_backup_is_refused(database: Database) -> None:
    moving(database, "a", range(9, 11))
    moving(database, "b", range(9, 11))
    with database.read() as transaction:
        place = position(transaction)
    place[max(place)] += 1
    cursor = Cursor(place).text(Question())
    with pytest.raises(InvalidInputError, match="without a cursor to begin anew"):
        event_pages.ask(database, Question(), cursor, 10)


def test_there_must_be_a_source_and_a_type(database: Database) -> None:
    with pytest.raises(NotFoundError):
        event_pages.ask(database, Question(), None, 10)
    moving(database, "a", range(9, 11))
    with pytest.raises(NotFoundError, match="there are: a"):
        event_pages.now(database, Question(source="b"))
    with pytest.raises(InvalidInputError, match="unknown event type"):
        event_pages.now(database, Question(types=("model.moved",)))


def test_what_is_committed_late_under_a_lower_number_is_not_skipped(postgres_url: str) -> None:
    database = Database(postgres_url)
    moving(database, "slow", range(9, 10))
    moving(database, "fast", range(9, 10))
    with database.write() as held:
        poll_within(held, "slow", "10:00", listing(10))
        moving(database, "fast", range(10, 12))
        first = event_pages.ask(database, Question(), None, 3)
        second = event_pages.ask(database, Question(), first.end, 100)
        assert sources_of(first, second) == ["fast"] * 4
        assert second.next is None
        assert ids(event_pages.ask(database, Question(), second.end, 100)) == []
    # Now the cursors that were given meanwhile go on.
    assert sources_of(event_pages.ask(database, Question(), second.end, 100)) == ["slow"] * 2
    again = event_pages.ask(database, Question(), first.end, 100)
    last = event_pages.ask(database, Question(), again.next, 100)
    assert sources_of(again, last) == ["fast", "slow", "slow"]
    with database.read() as transaction:
        numbered = [event.source for _, event in log.read(transaction, EventFilter())]
    assert numbered == ["slow"] * 2 + ["fast"] * 4
    database.close()
