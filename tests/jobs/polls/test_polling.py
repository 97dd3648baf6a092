"""Polls: what each outcome leaves behind, and that nothing is lost, invented or half done."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import deepdiff
import pytest
from sqlalchemy import select

from pricetrail.catalog import catalogs, comparisons, diffs, documents, strict_json
from pricetrail.catalog.strict_json import dumps
from pricetrail.jobs import administration
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.history import latest, versions
from pricetrail.storage.history.bodies import body_of
from pricetrail.storage.polls.polls import Poll
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.payloads import data


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def test_the_first_catalog_is_a_baseline_without_events(stage: Stage) -> None:
    result = stage.poll(many(12))
    assert (result.outcome, result.version) == ("changed", 1)
    assert stage.events() == []


def test_the_same_catalog_again_changes_nothing_but_coverage(stage: Stage) -> None:
    stage.poll(many(12))
    assert [stage.poll().outcome for _ in range(3)] == ["unchanged"] * 3
    with stage.database.read() as connection:
        rows = connection.execute(select(t.coverage)).all()
    assert [(row.outcome, row.version, row.polls) for row in rows] == [("good", 1, 4)]


def test_it_is_known_where_a_source_is_asked_however_often_it_moves(stage: Stage) -> None:
    for url in ("https://a.example/v1", "https://b.example/v1?key=secret", "https://a.example/v1"):
        stage.poll(listing(model("a")), url=url)
        assert stage.state.url == url.partition("?")[0]
    assert stage.state.good_polls == 3


def test_another_notation_of_the_same_catalog_is_no_snapshot(stage: Stage) -> None:
    stage.poll(listing(model("a", "0.000003"), model("b")))
    turned = listing(model("a", "0.0000030"), model("b"))
    turned["data"].reverse()
    assert stage.poll(json.dumps(turned, indent=3).encode()).outcome == "unchanged"
    assert stage.poll(listing(model("a", "3e-6"), model("b"))).outcome == "unchanged"
    # The new text is remembered: the next time it is not even parsed.
    assert stage.poll(listing(model("a", "3e-6"), model("b"))).outcome == "unchanged"
    assert stage.state.head_version == 1


def test_a_change_makes_a_version_its_events_and_its_window(stage: Stage) -> None:
    stage.poll(listing(model("a"), model("b")))
    stage.poll(after=15)
    result = stage.poll(listing(model("a", "0.0000025"), model("c")), after=15)
    assert result.counts == {"added": 1, "removed": 1, "repriced": 1, "updated": 0}
    assert stage.kinds() == [("model.added", "c"), ("model.removed", "b"), ("model.repriced", "a")]
    [repriced] = stage.events("model.repriced")
    assert data(repriced)["direction"] == "decrease"
    assert data(repriced)["changes"] == [
        {
            "path": "/pricing/text/prompt",
            "unit": "USD/token",
            "old": "0.000003",
            "new": "0.0000025",
            "percent": "-16.67",
        }
    ]
    assert data(repriced)["observed"] == {
        "not_before": "2026-03-01T10:30:00Z",
        "not_after": "2026-03-01T10:45:00Z",
    }


def test_a_removed_model_is_told_with_its_last_document(stage: Stage) -> None:
    gone = model("b", "0.5", note="kept as it is", depth={"x": [1, 2]})
    served = json.dumps(listing(model("a"), gone)).replace("[1, 2]", "[1, 2.50]")
    stage.poll(served.encode())
    stage.poll(listing(model("a")))
    [event] = stage.events("model.removed")
    assert data(event)["model"] == gone | {"depth": {"x": [1, Decimal("2.50")]}}
    assert '"x":[1,2.50]' in dumps(event.as_json())


def test_a_pricing_path_never_seen_before_is_a_schema_change(stage: Stage) -> None:
    stage.poll(listing(model("a")))
    odd = model("a")
    odd["pricing"]["video"] = {"per_frame": "0.01"}
    stage.poll(listing(odd))
    assert stage.kinds() == [("model.repriced", "a"), ("catalog.schema_changed", None)]
    [event] = stage.events("catalog.schema_changed")
    assert data(event)["paths"] == ["/pricing/video/per_frame"]
    [change] = data(stage.events("model.repriced")[0])["changes"]
    assert (change["unit"], change["old"], change["new"]) == ("USD", None, "0.01")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"[]", "not an object"),
        (b"{", "not valid JSON"),
        (b'{"object":"list","total":0}', "`data` is missing"),
        (b'{"object":"list","data":null,"total":0}', "not an array"),
        (b'{"object":"page","data":[],"total":0}', "`object`"),
        (b'{"object":"list","data":[{"id":"a"}],"total":2}', "truncated"),
        (b'{"object":"list","data":[{"id":"a"},{"id":"a"}],"total":2}', "listed twice"),
        (b'{"object":"list","data":[{"id":"a","id":"a"}],"total":1}', "appears twice"),
        (b'{"object":"list","data":[{"id":"a\\u0000"}],"total":1}', "U+0000"),
    ],
)
def test_a_catalog_that_cannot_be_read_is_refused(stage: Stage, body: bytes, said: str) -> None:
    stage.poll(many(12))
    result = stage.poll(body)
    assert result.outcome == "failed"
    assert said in (result.error or "")
    assert stage.state.head_version == 1
    assert stage.events() == []
    assert stage.poll(many(12)).outcome == "unchanged"


def test_a_failed_poll_leaves_a_row_and_a_gap(stage: Stage) -> None:
    stage.poll(many(12))
    stage.poll(GatewayError("no answer from localhost"))
    stage.poll(many(12))
    with stage.database.read() as connection:
        rows = connection.execute(select(t.poll).order_by(t.poll.c.id)).all()
        stretches = connection.execute(select(t.coverage).order_by(t.coverage.c.id)).all()
    assert [row.outcome for row in rows] == ["changed", "failed", "unchanged"]
    assert rows[1].error == "no answer from localhost"
    assert [row.outcome for row in stretches] == ["good", "failed", "good"]


def test_failing_is_told_once_and_taken_back_once(stage: Stage) -> None:
    stage.poll(many(12))
    for _ in range(5):
        stage.poll(GatewayError("HTTP 503"))
    [failing] = stage.events("source.failing")
    assert data(failing)["failures"] == 3
    assert data(failing)["since"] == "2026-03-01T10:30:00Z"
    assert data(failing)["error"] == "HTTP 503"
    stage.poll(many(12))
    stage.poll(many(12))
    [recovered] = stage.events("source.recovered")
    assert data(recovered)["failed_polls"] == 5
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    assert len(stage.events("source.failing")) == 2


def test_two_failures_are_no_news(stage: Stage) -> None:
    stage.poll(many(12))
    for _ in range(2):
        stage.poll(GatewayError("HTTP 503"))
    stage.poll(many(12))
    assert stage.events() == []


def test_the_etag_is_sent_back_and_a_304_is_unchanged(stage: Stage) -> None:
    text = json.dumps(many(12)).encode()
    stage.poll(Answer(200, text, '"v1"', False))
    assert stage.poll(Answer(304, None, '"v1"', True)).outcome == "unchanged"
    assert stage.etags == [None, '"v1"']


def test_the_same_etag_with_another_body_is_believed(stage: Stage) -> None:
    stage.poll(Answer(200, json.dumps(many(12)).encode(), '"v1"', False))
    other = many(12, prompts={3: "0.000004"})
    assert stage.poll(Answer(200, json.dumps(other).encode(), '"v1"', False)).outcome == "changed"


def test_a_rise_does_not_hide_behind_a_rotated_key(stage: Stage) -> None:
    stage.poll(many(12))
    dearer = many(12, prompts={3: "0.000004"})
    assert stage.poll(dearer, api_key="sk-rotated").outcome == "changed"
    assert stage.kinds() == [("model.repriced", "m-003")]
    assert stage.state.baseline_version == 1
    stage.poll(many(12), api_key="sk-rotated")
    assert stage.kinds()[1:] == [("model.repriced", "m-003")]


def test_another_account_is_a_new_baseline_without_events(stage: Stage) -> None:
    stage.poll(Answer(200, json.dumps(many(12)).encode(), '"v1"', False))
    result = stage.poll(many(4), api_key="sk-of-another-account")
    assert (result.outcome, result.version) == ("changed", 2)
    assert stage.events() == []
    assert stage.etags == [None, None]
    assert stage.state.baseline_version == 2
    stage.poll(many(5), api_key="sk-of-another-account")
    assert stage.kinds() == [("model.added", "m-004")]


def test_a_new_key_of_the_same_account_changes_nothing(stage: Stage) -> None:
    stage.poll(many(12))
    assert stage.poll(many(12), api_key="sk-rotated").outcome == "unchanged"
    stage.poll(many(13), api_key="sk-rotated")
    assert stage.kinds() == [("model.added", "m-012")]


def test_a_pause_longer_than_the_schedule_is_written_down_as_missed(stage: Stage) -> None:
    stage.poll(many(12))
    stage.poll(many(12), after=16)
    stage.poll(many(12), after=45)
    with stage.database.read() as connection:
        rows = connection.execute(select(t.coverage).order_by(t.coverage.c.id)).all()
    assert [row.outcome for row in rows] == ["good", "missed", "good"]
    assert rows[1].last_at - rows[1].first_at == timedelta(minutes=45)


def test_a_clock_set_back_never_puts_a_poll_before_an_earlier_one(stage: Stage) -> None:
    stage.poll(many(12))
    result = stage.poll(many(13), after=-60)
    assert result.outcome == "changed"
    with stage.database.read() as connection:
        rows = versions.snapshots(connection, stage.state.id)
    assert rows[1].not_after >= rows[0].not_after


def test_of_two_overlapping_polls_one_makes_the_version(stage: Stage) -> None:
    stage.poll(many(12))
    late = stage.source()
    other = many(13)

    def fetch(*_args: object, **_more: object) -> Answer:
        # While this poll is on its way, another run polls and records.
        assert stage.poll(other).outcome == "changed"
        return Answer(200, json.dumps(other).encode(), None, False)

    result = Poller(stage.database, {}, fetch=fetch).poll(late)
    assert (result.outcome, result.version) == ("unchanged", 2)
    assert stage.kinds() == [("model.added", "m-012")]


def test_a_source_that_is_removed_while_it_is_polled_is_left_alone(stage: Stage) -> None:
    bodies = (dumps(many(size)).encode() for size in (10, 12, 2))
    answers: list[Answer | GatewayError] = [Answer(200, body, None, False) for body in bodies]
    for served in (*answers, GatewayError("HTTP 503")):
        stage.poll(many(10))

        def removing(*_: Any, served: Answer | GatewayError = served, **limits: Any) -> Answer:
            with stage.database.write() as connection:
                administration.remove(connection, "pipellm", stage.now)
            if isinstance(served, GatewayError):
                raise served
            return served

        poller = Poller(stage.database, {}, fetch=removing)
        polled = poller.poll(stage.source())
        assert (polled.outcome, polled.version) == ("failed", 0)
        assert "removed" in (polled.error or "")
        with stage.database.read() as connection:
            assert sources.names(connection) == []


def test_the_head_is_what_was_served_byte_for_byte(stage: Stage) -> None:
    text = json.dumps(many(12), indent=2).encode()
    stage.poll(text)
    with stage.database.read() as connection:
        assert body_of(connection, stage.state.id, 1) == text
        found = latest.load(connection, stage.state)
    assert found is not None
    assert found.body == text


def test_nothing_is_recorded_when_the_write_breaks_in_the_middle(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(many(12))

    def broken(*_args: object, **_more: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr("pricetrail.jobs.polls.news.announce", broken)
    with pytest.raises(sqlite3.OperationalError):
        stage.poll(many(13))
    assert stage.state.head_version == 1
    assert stage.events() == []
    monkeypatch.undo()
    assert stage.poll(many(13)).version == 2


def test_a_lost_lease_is_refused(stage: Stage) -> None:
    stage.poll(many(12))
    state = stage.state
    poll = Poll(state, stage.now, stage.now, token="not mine")
    with pytest.raises(StaleHolderError, match="lease"), stage.database.write() as connection:
        PollRecorder(poll).unchanged(connection)
    with stage.database.read() as connection:
        assert sources.choose(connection, None).polls == state.polls


MODELS = 20


class CountingDecoder:
    """The strict decoder; counts the models' documents that it parses, by id and price."""

    def __init__(self, counts: Counter[str]) -> None:
        self.counts = counts

    def decode(self, text: str) -> Any:
        return self._counted(strict_decoder.decode(text))

    def raw_decode(self, text: str, start: int) -> tuple[Any, int]:
        value, end = strict_decoder.raw_decode(text, start)
        return self._counted(value), end

    def _counted(self, value: Any) -> Any:
        if isinstance(value, dict) and "pricing" in value:
            self.counts[f"parsed {value['id']} {value['pricing']['text']['prompt']}"] += 1
        return value


strict_decoder = strict_json.decoder


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """What is done from here on, by name."""
    found: Counter[str] = Counter()

    def counting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*given: Any, **named: Any) -> Any:
            found[name] += 1
            return function(*given, **named)

        return count

    for module in (strict_json, catalogs):
        monkeypatch.setattr(module, "decoder", CountingDecoder(found))
    monkeypatch.setattr(documents, "canonical", counting("hashed", documents.canonical))
    monkeypatch.setattr(deepdiff, "DeepDiff", counting("compared leaves", deepdiff.DeepDiff))
    monkeypatch.setattr(comparisons, "compare", counting("compared ids", diffs.compare))
    return found


def catalog(*prices: str, extra: tuple[str, ...] = ()) -> dict[str, Any]:
    """Models of which the first ones cost what is given."""
    given = dict(enumerate(prices))
    names = [(f"m-{n:02}", given.get(n, "0.5")) for n in range(MODELS)]
    return listing(*(model(name, price) for name, price in [*names, *((n, "1") for n in extra)]))


@pytest.mark.parametrize("settings", [{}, {"hold": timedelta(hours=1)}, {"confirm_removals": 2}])
def test_a_changed_poll_does_each_thing_once(
    sqlite_url: str, counts: Counter[str], settings: dict[str, Any]
) -> None:
    with staged(sqlite_url) as stage:
        poller = stage.poller()

        def poll(served: dict[str, Any]) -> str:
            stage.pass_time(minutes=15)
            stage.served = Answer(200, json.dumps(served).encode(), None, False)
            return poller.poll(stage.source(**settings)).outcome

        poll(catalog(extra=("gone",)))
        counts.clear()
        outcome = poll(catalog("0.25", "0.75", extra=("new",)))
    assert outcome == "changed"
    assert counts == {
        # Each side of each model that changed, the one that came and the one that went.
        "parsed m-00 0.5": 1,
        "parsed m-00 0.25": 1,
        "parsed m-01 0.5": 1,
        "parsed m-01 0.75": 1,
        "parsed new 1": 1,
        "parsed gone 1": 1,
        "hashed": 3,
        "compared ids": 1,
        "compared leaves": 1,
    }


def test_a_catalog_that_confirms_itself_is_compared_once_in_each_poll(
    sqlite_url: str, counts: Counter[str]
) -> None:
    with staged(sqlite_url) as stage:
        poller = stage.poller()
        outcomes = []
        for served in (catalog(), *(catalog(*["0.25"] * MODELS) for _ in range(3))):
            stage.pass_time(minutes=20)
            stage.served = Answer(200, json.dumps(served).encode(), None, False)
            counts.clear()
            outcomes.append(poller.poll(stage.source()).outcome)
    assert outcomes == ["changed", "quarantined", "quarantined", "changed"]
    assert (counts["compared ids"], counts["compared leaves"]) == (1, 1)
    assert (counts["parsed m-00 0.5"], counts["parsed m-00 0.25"]) == (1, 1)
