"""Made-up events look like real ones."""

from pricetrail.alerts.sample_events import sample_events
from pricetrail.catalog.events import ADDED, REMOVED, REPRICED, SUNSET
from pricetrail.catalog.times import utc
from tests.support.payloads import data


def test_the_sample_is_one_snapshot_with_each_way_in_which_a_price_moves() -> None:
    events = sample_events()
    assert {event.type for event in events} == {ADDED, REMOVED, REPRICED, SUNSET}
    assert len({event.id for event in events}) == len(events)
    assert len({(event.source, event.version) for event in events}) == 1
    directions = {data(event).get("direction") for event in events if event.type == REPRICED}
    assert directions == {"increase", "decrease", "mixed", "none"}
    moves = [move for event in events for move in data(event).get("changes", ())]
    assert any("/tiers/" in move["path"] for move in moves)
    assert any(move["old"] is None for move in moves)
    assert any(move["new"] is None for move in moves)
    assert any(move["new"] == "0" for move in moves)


def test_every_sample_event_has_the_whole_envelope() -> None:
    for event in sample_events():
        assert {"id", "source", "snapshot", "observed", "model"} <= data(event).keys()
        assert data(event)["id"] == event.id
        assert data(event)["model"]["id"] == event.model
        assert event.at == utc(data(event)["observed"]["not_after"])


def test_the_sample_is_the_same_every_time() -> None:
    assert sample_events() == sample_events()
