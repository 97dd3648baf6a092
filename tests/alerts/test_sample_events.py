"""Made-up events look like real ones."""

from pricetrail.alerts.channels import CHANNELS, render
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.sample_events import test_event as notice
from pricetrail.catalog.events import ADDED, REMOVED, REPRICED, TYPES
from pricetrail.catalog.times import utc
from tests.alerts.made import NOW, body, hook
from tests.support.payloads import data


def test_the_sample_is_one_snapshot_with_each_way_in_which_a_price_moves() -> None:
    events = sample_events()
    assert {event.type for event in events} == {ADDED, REMOVED, REPRICED}
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


def test_a_test_message_is_a_notice_that_no_filter_knows() -> None:
    event = notice("pipellm", NOW)
    assert event.type not in TYPES
    assert data(event).keys() == {"id", "source", "text"}
    assert event.at == NOW


def test_every_format_can_send_a_test_message() -> None:
    event = notice("pipellm", NOW)
    for name in CHANNELS:
        [message] = render(hook(name), [event])
        assert "test message from pricetrail" in message.body.decode()
    assert body(render(hook(), [event])[0])["data"]["id"] == event.id
