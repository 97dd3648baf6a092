"""A message before its markup: title, order, sections, totals."""

from datetime import timedelta
from decimal import Decimal

import pytest

from pricetrail.alerts.report import Context, Report, report
from pricetrail.catalog import source_events
from pricetrail.catalog.events import REMOVED, REPRICED, SCHEMA_CHANGED, UPDATED, Event
from pricetrail.text.lines import flat
from tests.alerts.made import AT, START, added, blip, event, removed, repriced

CUT = repriced("gpt-5", ("text/prompt", "0.000003", "0.0000025"))
RISE = repriced("claude", ("text/prompt", "0.000003", "0.000006"))
FREE = repriced("kimi", ("text/prompt", "0.0000006", "0"))
NEW_PRICE = repriced("grok", ("cache/read", None, "0.00000075"))
FAILING = source_events.failing("pipellm", 3, at=AT, since=START, failures=3, error="HTTP 503")
SCHEMA = event(SCHEMA_CHANGED, None, {"paths": ["/pricing/x"], "kinds": [], "models": []})


def models_in(told: Report, title: str) -> list[str]:
    """The first name of each line of a section."""
    [section] = [section for section in told.sections if section.title == title]
    return [line.spans[0].text for line in section.lines]


@pytest.mark.parametrize(
    ("one", "title"),
    [
        (CUT, "pipellm: price cut for gpt-5"),
        (RISE, "pipellm: price rise for claude"),
        (NEW_PRICE, "pipellm: prices changed for grok"),
        (added("gpt-6"), "pipellm: gpt-6 is new"),
        (removed("gpt-4"), "pipellm: gpt-4 is no longer visible to this key"),
        (event(UPDATED, "gpt-5", {"changes": []}), "pipellm: gpt-5 was updated"),
        (FAILING, "pipellm: polls are failing"),
        (SCHEMA, "pipellm: new in the catalog's format"),
        (event("webhook.paused", None, {"text": "x"}), "pipellm: notice"),
        (
            event("webhook.paused", None, {"text": "x", "webhook": "main"}),
            "pipellm: webhook main is paused",
        ),
    ],
)
def test_a_single_event_is_the_title(one: Event, title: str) -> None:
    assert flat(report([one]).title) == title


def test_labels_say_whose_source_needs_somebody() -> None:
    labels = {"pipellm": {"team": "search", "on_call": "<!here>"}}
    back = source_events.recovered("pipellm", 3, at=AT, since=START, failed_polls=3)
    failing, recovered = report([FAILING, back], Context(labels=labels)).sections[0].lines
    assert flat(failing).endswith(" Labels: team=search, on_call=<!here>")
    # What comes from a configuration is shown as literally as a model's name.
    assert failing.spans[-1].kind == "name"
    assert "Labels" not in flat(recovered)
    assert "Labels" not in flat(report([FAILING]).sections[0].lines[0])


def test_several_events_are_counted_in_the_title() -> None:
    events = [CUT, RISE, added("a"), removed("b"), removed("c")]
    told = report(events, Context(blips=(blip(),)))
    assert flat(told.title) == (
        "pipellm: 2 repriced (1 up, 1 down), 1 added, 2 no longer visible, 1 went and came back"
    )


def test_several_sources_are_counted_too() -> None:
    told = report([CUT, repriced("x", ("text/prompt", "1", "2"), source="other")])
    assert flat(told.title) == "2 sources: 2 repriced (1 up, 1 down)"


def test_the_costliest_change_is_first_then_the_largest_in_percent() -> None:
    small = repriced("small", ("text/prompt", "100", "101"))
    costs = {CUT.id: Decimal(-500), small.id: Decimal(20)}
    told = report([FREE, RISE, small, CUT], Context(costs=costs))
    assert models_in(told, "Repriced") == ["gpt-5", "small", "claude", "kimi"]


def test_a_change_without_a_ratio_counts_as_the_largest() -> None:
    assert models_in(report([RISE, CUT, NEW_PRICE]), "Repriced") == ["grok", "claude", "gpt-5"]


def test_equal_changes_are_in_order_of_their_names_whatever_the_order_given() -> None:
    events = [repriced(one, ("text/prompt", "1", "2")) for one in "cabd"]
    events += [repriced(f"more-{one}", ("text/prompt", "1", "2")) for one in "cabd"]
    [section] = report(events).sections
    assert [flat(line) for line in section.lines] == [
        "▲ a, b, c and 5 more: prompt $1,000,000.00 → $2,000,000.00 /1M (+100%)"
    ]
    assert report(events).sections == report(events[::-1]).sections


def test_sections_come_in_one_order_and_only_where_they_say_something() -> None:
    told = report([added("a"), removed("b"), CUT, FAILING, SCHEMA], Context(blips=(blip(),)))
    assert [section.title for section in told.sections] == [
        "About the source",
        "Repriced",
        "No longer visible to this key",
        "Added",
        "New in the catalog's format",
        "Went and came back",
    ]


def test_the_intro_says_between_which_polls_and_what_it_costs_in_all() -> None:
    costs = {CUT.id: Decimal(-500), RISE.id: Decimal("88.4")}
    assert report([CUT, RISE], Context(costs=costs)).intro == (
        "Seen between 09:00 and 10:00 UTC on 23 Nov 2026. "
        "In total about −$412 a month at your last 30 days' usage."
    )
    assert (
        "That is about −$500 a month" in report([CUT], Context(costs={CUT.id: Decimal(-500)})).intro
    )


def test_a_digest_says_when_each_change_was_seen() -> None:
    later = repriced("claude", ("text/prompt", "1", "2"), version=1843, at=AT + timedelta(hours=1))
    told = report([CUT, later])
    [section] = told.sections
    assert flat(section.lines[0]).endswith(" · 23 Nov 09:00–11:00 UTC")
    assert flat(section.lines[1]).endswith(" · 23 Nov 09:00–10:00 UTC")
    assert ", in 2 snapshots." in told.intro


def test_the_footer_has_each_sources_head_at_its_last_version() -> None:
    events = [
        CUT,
        repriced("x", ("text/prompt", "1", "2"), version=1843),
        repriced("x", ("text/prompt", "1", "2"), source="other", version=7),
    ]
    assert [flat(line) for line in report(events).footer] == [
        "heads other 7:5a5a5a5a5a5a5a5a · pipellm 1843:5a5a5a5a5a5a5a5a"
    ]
    assert [flat(line) for line in report(events[:1]).footer] == ["head 1842:5a5a5a5a5a5a5a5a"]
    many = [added("x", source=f"s{place}", version=7) for place in range(9)]
    assert flat(report(many).footer[0]).endswith(" · s4 7:5a5a5a5a5a5a5a5a · and 4 more sources")


def test_an_event_without_a_snapshot_has_no_head() -> None:
    assert report([FAILING]).footer == ()


def test_few_new_models_have_a_line_each_and_many_a_name_each() -> None:
    few = report([added(f"m{place}") for place in range(8)]).sections[0]
    many = report([added(f"m{place}") for place in range(9)]).sections[0]
    assert (few.flow, many.flow) == (False, True)
    assert "prompt $3.00 /1M" in flat(few.lines[0])
    assert [flat(line) for line in many.lines] == [f"m{place}" for place in range(9)]


@pytest.mark.parametrize(
    ("events", "tone"),
    [([CUT], "decrease"), ([RISE], "increase"), ([CUT, RISE], "none"), ([NEW_PRICE], "none")],
)
def test_a_section_has_a_tone_only_where_all_agree(events: list[Event], tone: str) -> None:
    assert report(events).sections[0].tone == tone


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (REPRICED, "• gpt-5 went to prompt $3.00 → $2.50 /1M (−16.7%) and back within 60 min"),
        ("model.added", "• gpt-5 was new and gone again within 60 min"),
        (REMOVED, "• gpt-5 was not visible to this key and came back within 60 min"),
        (UPDATED, "• gpt-5 changed and was back within 60 min"),
    ],
)
def test_a_blip_alone_is_one_line(kind: str, words: str) -> None:
    told = report([], Context(blips=(blip(kind=kind),)))
    assert flat(told.title) == "1 went and came back"
    assert [flat(line) for section in told.sections for line in section.lines] == [words]
    assert told.intro == ""
    assert told.footer == ()
