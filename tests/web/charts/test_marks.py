"""Marks of events; `test_steps.py` reads them back from whole charts."""

from decimal import Decimal

from pricetrail.catalog.changes import Change
from pricetrail.queries.trail import TrailAnswer
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.web.charts.frames import WIDE, Frame
from pricetrail.web.charts.marks import Mark, marks_of, told
from pricetrail.web.charts.money_axis import money_axis
from pricetrail.web.charts.time_axis import TimeAxis
from tests.support.histories import at
from tests.web.charts.trails import BEGIN, COMPLETION, END, PROMPT, trail

FRAME = Frame.of(WIDE, money_axis([Decimal(1), Decimal(3)], 5), TimeAxis(BEGIN, END), [], 6)
WINDOW = (at("2026-04-01"), at("2026-04-02"))


def marks(answer: TrailAnswer) -> list[Mark]:
    group = answer.groups[0]
    return [one for event in told(group, answer.events) for one in marks_of(FRAME, event, group)]


def test_a_dot_lies_where_the_new_amount_begins() -> None:
    answer = trail({PROMPT: [(None, BEGIN, "0.000003"), (*WINDOW, "0.000001")]})
    (mark,) = marks(answer)
    assert (mark.x, mark.y) == (FRAME.x(WINDOW[1]), FRAME.y(Decimal("0.000001")))
    assert (mark.series, mark.ended) == (0, False)


def test_what_ends_is_marked_where_it_was_last_seen() -> None:
    answer = trail({PROMPT: [(None, BEGIN, "0.000003"), (*WINDOW, None)]})
    (mark,) = marks(answer)
    assert (mark.x, mark.y) == (FRAME.x(WINDOW[0]), FRAME.y(Decimal("0.000003")))
    assert mark.ended


def test_an_event_of_several_prices_has_a_dot_on_each() -> None:
    moves = [(None, BEGIN, "0.000003"), (*WINDOW, "0.000001")]
    answer = trail({PROMPT: moves, COMPLETION: moves})
    assert [mark.series for mark in marks(answer)] == [0, 1]


def test_what_is_no_price_is_marked_on_the_ground() -> None:
    renamed = TrailEvent("u", "model.updated", 2, *WINDOW, (Change("/display_name", "A", "B"),))
    elsewhere = TrailEvent("p", "model.repriced", 2, *WINDOW, ())
    answer = trail({PROMPT: [(None, BEGIN, "0.000003")]}, more=[renamed, elsewhere])
    (mark,) = marks(answer)
    assert (mark.event.id, mark.series, mark.y) == ("u", None, FRAME.bottom)
