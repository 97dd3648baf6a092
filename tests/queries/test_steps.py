"""Steps put together from rows, without a database."""

from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.queries.steps import Figures, Range, Step, price_trail, steps_by_path
from tests.support.histories import at

PATH = "/pricing/text/prompt"
ONE, TWO = Decimal(1), Decimal(2)


def step(when: str, amount: Decimal | None, version: int = 1) -> Step:
    return Step(None, at(when), amount, None, version, None)


def test_a_price_that_ends_with_its_model_begins_anew_with_it() -> None:
    windows = {n: (None, at("10:00") + timedelta(hours=n)) for n in range(1, 9)}
    rows = [(1, PATH, ONE, None), (5, PATH, ONE, None)]
    (steps,) = steps_by_path(rows, windows, [3, 7], {(3, True): "gone", (5, True): "back"}).values()
    assert [(s.version, s.amount, s.event_id) for s in steps] == [
        (1, ONE, None),
        (3, None, "gone"),
        (5, ONE, "back"),
        (7, None, None),
    ]


def test_of_two_amounts_that_held_as_long_the_later_is_the_usual_one() -> None:
    steps = [step("10:00", ONE), step("11:00", TWO, 2)]
    found = price_trail(PATH, steps, at("10:00"), at("12:00"))
    assert found is not None
    assert found.range == Range(ONE, TWO, TWO)
    longer = price_trail(PATH, steps, at("09:00"), at("11:30"))
    assert longer is not None
    assert longer.range == Range(ONE, ONE, TWO)


def test_an_amount_that_came_back_counts_for_all_of_its_time() -> None:
    steps = [step("10:00", ONE), step("11:00", TWO, 2), step("12:30", ONE, 3)]
    found = price_trail(PATH, steps, at("10:00"), at("13:15"))
    assert found is not None
    assert found.range is not None
    assert found.range.usual == ONE


def test_a_price_that_was_gone_before_the_range_is_not_of_it() -> None:
    steps = [step("10:00", ONE), step("11:00", None, 2)]
    assert price_trail(PATH, steps, at("12:00"), at("13:00")) is None
    within = price_trail(PATH, steps, at("10:30"), at("13:00"))
    assert within is not None
    assert (within.in_force, within.held_since) == (None, None)


def test_text_in_the_place_of_a_price_is_no_amount() -> None:
    windows = {1: (None, at("10:00")), 2: (at("10:00"), at("11:00"))}
    rows = [(1, PATH, None, "free"), (2, PATH, None, "gratis")]
    (steps,) = steps_by_path(rows, windows, [], {(2, False): "updated"}).values()
    found = price_trail(PATH, steps, at("10:00"), at("12:00"))
    assert found is not None
    assert found.range is None
    assert found.in_force is not None
    assert (found.in_force.flagged, found.in_force.event_id) == ("gratis", "updated")
    assert found.as_json()["usual"] is None


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 5)), min_size=2, max_size=30), st.data()
)
def test_figures_that_go_on_are_those_of_all_steps(
    moves: list[tuple[int, int]], data: st.DataObject
) -> None:
    when, steps = at("10:00"), []
    for version, (amount, minutes) in enumerate(moves):
        when += timedelta(minutes=minutes)
        steps.append(Step(None, when, Decimal(amount) if amount else None, None, version, None))
    cut = data.draw(st.integers(1, len(steps)))
    whole = Figures.of(steps)
    parts = Figures.of(steps, known=Figures.of(steps[:cut]))
    assert parts == whole
    end = when + timedelta(minutes=data.draw(st.integers(0, 9)))
    assert whole.range(steps[-1], steps[0].not_after, end) == _plainly(steps, end)


def _plainly(steps: list[Step], end: datetime) -> Range | None:
    amounts = [step.amount for step in steps if step.amount is not None]
    if not amounts:
        return None
    held = dict.fromkeys(amounts, timedelta(0))
    last = dict.fromkeys(amounts, 0)
    ends = [*(step.not_after for step in steps[1:]), end]
    for step, until in zip(steps, ends, strict=True):
        if step.amount is not None:
            held[step.amount] += until - step.not_after
            last[step.amount] = step.version
    usual = max(amounts, key=lambda amount: (held[amount], last[amount]))
    return Range(min(amounts), usual, max(amounts))
