"""What an import is fed with, and what it reports."""

from datetime import timedelta

from pricetrail.jobs.imports.observations import Known, Observation, Report, Unreadable
from pricetrail.storage.polls.stretches import Stretch
from tests.jobs.polls.test_timing import STATE
from tests.support.histories import at


def test_the_last_instant_said_of_is_that_of_the_coverage_that_comes_along() -> None:
    seen = Observation(at("10:00"), b"{}", "a:1")
    assert seen.until == at("10:00")
    stretches = [
        Stretch("good", 1, at("10:00"), at("11:30"), 3),
        Stretch("failed", 1, at("11:00"), at("11:15"), 1, why="503"),
    ]
    known = Observation(at("10:00"), b"{}", "a:1", Known(1, None, stretches))
    assert known.until == at("11:30")
    assert Observation(at("12:00"), b"{}", "a:1", Known(1, None, stretches)).until == at("12:00")


def test_a_report_spans_its_observations_in_any_order() -> None:
    report = Report("s")
    for minutes in (30, 0, 45):
        report.count(at("10:00") + timedelta(minutes=minutes))
    assert (report.observations, report.first_at, report.last_at) == (3, at("10:00"), at("10:45"))
    report.stand_at(STATE)
    assert (report.head_version, report.head_hash) == (1, STATE.head_hash)


def test_all_refusals_are_counted_and_the_first_hundred_kept() -> None:
    report = Report("s")
    for number in range(130):
        report.refuse(Unreadable(f"a:{number}", "not JSON"))
    assert (report.refused, len(report.refusals)) == (130, 100)
    assert str(report.refusals[0]) == "a:0: not JSON"
