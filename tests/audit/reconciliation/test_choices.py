"""Which causes are named."""

from decimal import Decimal

import pytest

from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause
from pricetrail.audit.reconciliation.choices import Fits, choose

CACHED, TIER, TWICE = Cause(causes.CACHED, "read"), Cause(causes.TIER_OUT, 0), Cause(causes.TWICE)


def fits(*amounts: tuple[Cause, ...], bits: float = 20.0) -> Fits:
    found = Fits()
    for each in amounts:
        found.add(frozenset(each), bits)
    return found


def named(found: Fits, *contradicted: Cause, enough: float = 5.0) -> list[tuple[Cause, ...]]:
    return list(choose(found, contradicted, enough))


def test_the_cause_that_explains_all_is_named_and_not_one_of_some() -> None:
    assert named(fits((CACHED,), (CACHED, TIER), (CACHED, TWICE))) == [(CACHED,)]


def test_causes_that_explain_the_same_are_alternatives() -> None:
    assert named(fits((CACHED, TIER), (TIER, CACHED))) == [(CACHED, TIER)]


def test_one_that_would_have_changed_other_rows_is_no_alternative() -> None:
    assert named(fits((CACHED, TIER)), CACHED) == [(TIER,)]
    assert named(fits((CACHED,)), CACHED) == [(CACHED,)]


def test_causes_of_different_rows_are_named_one_after_the_other() -> None:
    assert named(fits((CACHED,), (CACHED,), (TWICE,), ())) == [(CACHED,), (TWICE,)]


def test_what_chance_explains_as_well_is_not_named() -> None:
    assert named(fits((CACHED,), bits=4.0)) == []
    assert named(fits((CACHED,), (CACHED,), bits=4.0)) == [(CACHED,)]


def test_of_each_kind_one_is_named_and_no_odd_factor_beside_others() -> None:

    near, far = Cause(causes.BEFORE, 5), Cause(causes.BEFORE, 2)
    odd = Cause(causes.FACTOR, Decimal("1.38461"))
    assert named(fits((near, far, odd))) == [(near,)]
    assert named(fits((odd,))) == [(odd,)]


@pytest.mark.parametrize("number", [10, 5_000])
def test_memory_stays_bounded(number: int) -> None:
    found = fits(*((Cause(causes.BEFORE, version),) for version in range(number)))
    assert len(found.rows) == min(number, 2_000)


def test_what_explains_everything_is_added_to_every_amount() -> None:
    found = fits((CACHED,), ()).with_all([TWICE])
    assert named(found) == [(TWICE,)]
