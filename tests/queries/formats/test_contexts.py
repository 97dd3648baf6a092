"""What a price depends on: contexts, and the parts of a day."""

from collections.abc import Iterable
from typing import Any

from pricetrail.catalog.conditions import Condition, Window
from pricetrail.catalog.situations import Situation
from pricetrail.queries.formats.contexts import ANY_TIME, Context, Contexts, Span, conditioned

NIGHT, EARLY = Window(0, 360), Window(240, 480)


def of(*conditions: Any) -> Contexts:
    return Contexts(Condition(*one) for one in conditions)


def spans(*windows: Window) -> Iterable[Span]:
    return Contexts(Condition(window=one) for one in windows).spans


def test_without_conditions_there_is_one_context() -> None:
    contexts = Contexts([])
    assert list(contexts.all([""])) == [Context()]
    assert (contexts.services, contexts.thresholds, contexts.spans) == ((), (), (ANY_TIME,))


def test_every_combination_is_a_context() -> None:
    contexts = of(("flex", NIGHT, 200_000), ("", None, 128_000), ("batch",))
    assert (contexts.services, contexts.thresholds) == (("batch", "flex"), (128_000, 200_000))
    found = list(contexts.all(["", "flex"]))
    assert len(set(found)) == 2 * 2 * 3
    assert Context("flex", Span(0, 360), 200_000) in found


def test_a_day_falls_into_spans_of_which_the_first_is_the_usual_one() -> None:
    over_midnight = spans(Window(990, 30))
    assert over_midnight == (Span(30, 990), Span(990, 30))
    assert [span.clock for span in over_midnight] == [("00:30", "16:30"), ("16:30", "00:30")]
    assert spans(NIGHT, EARLY) == (Span(480, 0), Span(0, 240), Span(240, 360), Span(360, 480))


def test_an_hour_that_lasts_all_day_divides_none() -> None:
    assert spans(Window(240, 240)) == (ANY_TIME,)
    assert spans(Window(240, 240), NIGHT) == (Span(360, 0), Span(0, 360))


def test_a_context_is_a_situation_that_a_bill_is_made_for() -> None:
    assert Context("flex", Span(30, 990), 7).situation == Situation("flex", 30, 7)
    assert Context("", None).situation == Situation("", None, 0)


def test_a_path_is_told_with_its_condition_apart() -> None:
    condition, path = conditioned("/pricing/tiers/batch/over_200k/native/a~1b")
    assert (condition.words, path) == ("batch, above 200k", "/pricing/native/a~1b")
    assert conditioned("/pricing/text/prompt") == (Condition(), "/pricing/text/prompt")
