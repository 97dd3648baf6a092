"""An event as a value, and the message that it gives."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import (
    Details,
    Heading,
    ModelAdded,
    ModelChanged,
    ModelRemoved,
    Notice,
    SourceRecovered,
)
from pricetrail.catalog.events import (
    ADDED,
    PAUSED,
    RECOVERED,
    REMOVED,
    REPRICED,
    Event,
    details_from_json,
    event_id,
)

START, AT = datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)
HEAD = bytes(range(32))
DOCUMENT = {"id": "m", "display_name": "M", "type_target": "openai", "pricing": {}}
CUT = Change("/pricing/text/prompt", Decimal(4), Decimal(3))
REPRICING = Event(
    "evt_1",
    "s",
    7,
    0,
    REPRICED,
    "m",
    AT,
    ModelChanged(Heading.of(DOCUMENT), (CUT,)),
    head=HEAD,
    not_before=START,
)
BACK = Event("evt_2", "s", 7, 9, RECOVERED, None, AT, SourceRecovered(START, 3), head=HEAD)


def test_a_snapshots_event_says_which_and_when_before_all_else() -> None:
    data = REPRICING.payload()
    assert list(data) == ["id", "source", "snapshot", "observed", "model", "direction", "changes"]
    assert data["snapshot"] == {"version": 7, "previous": 6, "hash": "sha256:" + HEAD.hex()}
    assert data["observed"] == {
        "not_before": "2026-03-01T10:00:00Z",
        "not_after": "2026-03-01T11:00:00Z",
    }
    assert REPRICING.as_json() == {
        "type": "model.repriced",
        "timestamp": "2026-03-01T11:00:00Z",
        "data": data,
    }


def test_a_first_version_has_no_time_before() -> None:
    stamp = replace(REPRICING, head=None, not_before=None).stamp()
    assert stamp["snapshot"] == {"version": 7, "previous": 6, "hash": None}
    assert stamp["observed"] == {"not_before": None, "not_after": "2026-03-01T11:00:00Z"}


@pytest.mark.parametrize(
    ("kind", "details"), [(RECOVERED, SourceRecovered(START, 3)), (PAUSED, Notice("x"))]
)
def test_details_are_read_back_by_the_kind_of_their_event(kind: str, details: Details) -> None:
    assert details_from_json(kind, details.as_json()) == details


def test_an_event_of_a_source_bears_witness_to_the_head_at_its_end() -> None:
    assert list(BACK.payload()) == ["id", "source", "since", "failed_polls", "missed_polls", "head"]
    assert BACK.payload()["head"] == {"version": 7, "hash": "sha256:" + HEAD.hex()}
    assert "head" not in replace(BACK, head=None).payload()


@pytest.mark.parametrize(
    ("event", "of_snapshot", "direction", "changes"),
    [
        (REPRICING, True, "decrease", (CUT,)),
        (BACK, False, None, ()),
        (replace(REPRICING, type=ADDED, details=ModelAdded(DOCUMENT)), True, None, ()),
        (replace(BACK, type=PAUSED, details=Notice("x")), False, None, ()),
    ],
)
def test_what_an_event_is_about(
    event: Event, of_snapshot: bool, direction: str | None, changes: tuple[Change, ...]
) -> None:
    assert (event.of_snapshot, event.direction, event.changes) == (of_snapshot, direction, changes)
    assert event.window == (START if of_snapshot else None, AT)


@pytest.mark.parametrize(
    ("event", "heading"),
    [
        (REPRICING, Heading("m", "M", "openai")),
        (replace(REPRICING, type=ADDED, details=ModelAdded({"id": "n"})), Heading("n", None, None)),
        (replace(REPRICING, type=REMOVED, details=ModelRemoved({})), Heading(None, None, None)),
        (BACK, None),
    ],
)
def test_the_heading_is_that_of_its_model(event: Event, heading: Heading | None) -> None:
    assert event.heading == heading


def test_an_id_depends_on_each_part_and_on_where_it_ends() -> None:
    names = {event_id(*parts) for parts in (("a", "b"), ("b", "a"), ("ab", ""), ("", "ab"), ("a",))}
    assert len(names) == 5
    # An id that was sent once is never another.
    assert event_id("a", "b") == "evt_7c1d93a9d95aa5abeed46726372b189d003681e7"
    assert all(len(name) == 44 and name.startswith("evt_") for name in names)
