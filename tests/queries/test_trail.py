"""A model's trail, against the slow and plain way: every catalog, one after the other."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.strict_json import loads
from pricetrail.queries import coverage, history
from pricetrail.queries.steps import PriceTrail, Step
from pricetrail.queries.trail import TrailAnswer, ask
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from tests.support.histories import at, build, catalog, model, tokens
from tests.support.restless import LAST, NAMES
from tests.support.volume import seeds

Shown = dict[str, tuple[Decimal | None, str | None]]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    yield opened
    opened.close()


def asked(
    database: Database,
    name: str,
    now: datetime | str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> TrailAnswer:
    end = at(now) if isinstance(now, str) else now
    with database.read() as transaction:
        return ask(transaction, None, name, now=end, since=since, until=until)


def prices(answer: TrailAnswer) -> dict[str, PriceTrail]:
    return {one.path: one for group in answer.groups for one in group.prices}


@dataclass
class Plain:
    """A model at every version, by reading each catalog whole."""

    windows: list[tuple[datetime | None, datetime]]
    shown: list[Shown | None]

    @classmethod
    def of(cls, database: Database, name: str) -> "Plain":
        with database.read() as transaction:
            source = sources.choose(transaction, None)
            rows = versions.snapshots(transaction, source.id)
            found = cls([], [])
            for row in rows:
                seen = versions.get_version(transaction, source.id, row.version)
                found.windows.append((seen.not_before, seen.not_after))
                states = versions.catalog_at(transaction, source.id, row.version)
                documents = [loads(state.document) for state in states if state.model == name]
                found.shown.append(_shown(documents[0]) if documents else None)
        return found

    def steps(self, path: str) -> list[tuple[int, Decimal | None, str | None]]:
        """(version, amount, flagged) whenever what stands there differs from before."""
        found = []
        before: tuple[Decimal | None, str | None] = (None, None)
        alive = False
        for version, shown in enumerate(self.shown, 1):
            here = (shown or {}).get(path, (None, None))
            # A model that comes back begins anew, if with the same price.
            if here != before or (shown is not None and not alive and here != (None, None)):
                found.append((version, *here))
            before, alive = here, shown is not None
        return found


def _shown(document: dict[str, object]) -> Shown:
    return {price.path: (price.amount, price.flagged) for price in prices_of(document)}


@pytest.mark.parametrize("lived", seeds(3, 40), indirect=True)
def test_it_is_what_the_catalogs_say_one_by_one(lived: Database) -> None:
    end = LAST + timedelta(hours=3)
    for name in NAMES:
        plain = Plain.of(lived, name)
        answer = asked(lived, name, end)
        known = {path for shown in plain.shown if shown for path in shown}
        assert set(prices(answer)) == known
        for path, found in prices(answer).items():
            assert [(s.version, s.amount, s.flagged) for s in found.steps] == plain.steps(path)
            assert [s.window for s in found.steps] == [
                plain.windows[s.version - 1] for s in found.steps
            ]
        alive = [shown is not None for shown in plain.shown]
        begins = [
            v
            for v, (was, now) in enumerate(zip([False, *alive], alive, strict=False), 1)
            if now > was
        ]
        assert [one.begin_version for one in answer.visible] == begins
        assert (answer.visible[-1].end is None) == alive[-1] == (answer.price is not None)


@pytest.mark.parametrize("lived", seeds(3, 40), indirect=True)
def test_its_events_are_those_of_the_log(lived: Database) -> None:
    for name in NAMES:
        told = history.ask(lived, None, name)
        log = [entry for entry in told.entries if entry.id is not None]
        events = asked(lived, name, LAST).events
        assert [
            (e.id, e.type, e.version, e.not_before, e.not_after, e.direction, e.changes)
            for e in events
        ] == [
            (e.id, e.type, e.version, e.not_before, e.not_after, e.direction, e.changes)
            for e in log
        ]


@pytest.mark.parametrize("lived", seeds(3, 40), indirect=True)
def test_a_step_names_the_event_that_tells_of_it(lived: Database) -> None:
    for name in NAMES:
        answer = asked(lived, name, LAST)
        by_id = {event.id: event for event in answer.events}
        named: set[str] = set()
        for path, found in prices(answer).items():
            before: Step | None = None
            for step in found.steps:
                if step.event_id is not None:
                    event = by_id[step.event_id]
                    named.add(event.id)
                    assert event.version == step.version
                    paths = {change.path for change in event.changes}
                    assert path in paths or event.type in ("model.added", "model.removed")
                else:
                    assert step.version == 1 or (before is not None and before.same_price(step))
                before = step
        repriced = {event.id for event in answer.events if event.type == "model.repriced"}
        assert repriced <= named


@pytest.mark.parametrize("lived", seeds(3, 40), indirect=True)
def test_a_part_of_the_time_is_that_part_of_the_whole(lived: Database) -> None:
    since, until = LAST - timedelta(hours=14), LAST - timedelta(hours=4)
    for name in NAMES:
        whole, part = asked(lived, name, LAST), None
        try:
            part = asked(lived, name, LAST, since, until)
        except NotFoundError:
            assert whole.first_seen > until
            continue
        for path, found in prices(whole).items():
            inside = [step for step in found.steps if step.not_after <= until]
            before = [step for step in inside if step.not_after <= since][-1:]
            inside = [step for step in inside if step.not_after > since]
            expected = [*before, *inside]
            if expected and expected[0].absent:
                expected = expected[1:]
            if expected and expected[0].not_after < since:
                expected[0] = expected[0]._replace(event_id=None)
            shown = prices(part).get(path)
            assert (list(shown.steps) if shown else []) == expected
        assert list(part.events) == [
            event for event in whole.events if since <= event.not_after <= until
        ]


@pytest.mark.parametrize("lived", seeds(3, 40), indirect=True)
@pytest.mark.parametrize("silence", [timedelta(hours=3), timedelta(hours=24)])
def test_gaps_are_those_of_the_coverage(lived: Database, silence: timedelta) -> None:
    end = LAST + silence
    answer = asked(lived, "a", end)
    # A silence shorter than a day is none yet: the next poll may be due.
    told_until = end if silence >= timedelta(days=1) else LAST
    with lived.read() as transaction:
        told = coverage.ask(transaction, None, end, answer.since, told_until)
        certain = coverage.ask(transaction, None, end, answer.since, end)
    assert list(answer.gaps) == list(told.gaps)
    assert answer.seen_until == certain.gaps[-1].since


def test_low_usual_and_high_are_told_with_when_it_came(database: Database) -> None:
    def priced(prompt: str, *more: dict[str, object]) -> dict[str, object]:
        return catalog(model("m", tokens(prompt, "0.00002")), *more)

    build(
        database,
        "s",
        [
            ("10:00", priced("0.000003")),
            ("11:00", priced("0.000001")),
            ("14:00", priced("0.000002")),
            ("15:00", priced("0.000003")),
            # Noise alone makes no version.
            ("15:30", priced("0.0000030000000000000004", model("n"))),
        ],
    )
    found = prices(asked(database, "m", "16:00"))
    prompt, completion = found["/pricing/text/prompt"], found["/pricing/text/completion"]
    assert prompt.range is not None
    assert prompt.range.low == Decimal("0.000001") == prompt.range.usual
    # As served: the noise of a float is higher, if no other price.
    assert prompt.range.high == Decimal("0.0000030000000000000004")
    assert prompt.held_since == (at("14:00"), at("15:00"))
    assert completion.range == (Decimal("0.00002"),) * 3
    assert completion.held_since == (None, at("10:00"))
    assert completion.in_force == completion.steps[0]


def test_the_usual_amount_is_that_of_the_range_alone(database: Database) -> None:
    def priced(prompt: str) -> dict[str, object]:
        return catalog(model("m", tokens(prompt, "0.00002")))

    low = priced("0.000001")
    build(database, "s", [("10:00", priced("0.000003")), ("14:00", low), ("15:30", low)])
    answer = asked(database, "m", "16:00", since=at("13:00"))
    prompt = prices(answer)["/pricing/text/prompt"]
    assert prompt.range is not None
    assert prompt.range.usual == Decimal("0.000001")
    assert prompt.range.high == Decimal("0.000003")


def test_time_that_no_poll_covers_makes_no_amount_usual(database: Database) -> None:
    low = catalog(model("m", tokens("0.000001", "0.00002")))
    build(database, "s", [("10:00", catalog(model("m"))), ("14:00", low)])
    prompt = prices(asked(database, "m", "23:00"))["/pricing/text/prompt"]
    assert prompt.range is not None
    assert prompt.range.usual == Decimal("0.000003")


def test_prices_are_grouped_as_people_think_of_them(database: Database) -> None:
    pricing = {
        "kind": "token",
        "text": {"completion": "0.00002", "prompt": "0.00001", "odd": "0.1"},
        "cache": {"read": "0.000001"},
        "tiers": {"over_200k": {"text": {"prompt": "0.00002"}}},
        "native": {"request": "0.01"},
        "generation": {"image": {"per_image": "0.04"}, "video": {"per_second": "0.1"}},
    }
    build(database, "s", [("10:00", catalog(model("m", pricing)))])
    answer = asked(database, "m", "11:00")
    assert [(group.name, group.unit, len(group.prices)) for group in answer.groups] == [
        ("text", "USD", 1),
        ("text", "USD/token", 2),
        ("cache", "USD/token", 1),
        ("generation", "USD/image", 1),
        ("generation", "USD/second", 1),
        ("native", "USD", 1),
        ("tiers.over_200k", "USD/token", 1),
    ]
    assert [one.path for one in answer.groups[1].prices] == [
        "/pricing/text/prompt",
        "/pricing/text/completion",
    ]


def test_a_model_that_is_gone_has_no_price_in_force(database: Database) -> None:
    both = catalog(model("m"), model("n"))
    build(database, "s", [("10:00", both), ("11:00", catalog(model("n"))), ("12:00", both)])
    gone = asked(database, "m", "13:00", until=at("11:30"))
    assert gone.price is None
    assert gone.last_seen == at("10:00")
    (visible,) = gone.visible
    assert visible.end == (at("10:00"), at("11:00"))
    assert visible.baseline
    back = asked(database, "m", "13:00")
    assert back.price is not None
    assert back.price.observed
    assert back.last_seen == at("12:00")
    assert [one.baseline for one in back.visible] == [True, False]
    assert gone.document["id"] == "m"


def test_what_cannot_be_told_says_why(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("n"))), ("11:00", catalog(model("m")))])
    with pytest.raises(NotFoundError, match="was not seen by 2026-03-01T10:30:00Z"):
        asked(database, "m", "12:00", until=at("10:30"))
    with pytest.raises(NotFoundError, match="no model 'x'"):
        asked(database, "x", "12:00")
    with pytest.raises(NotFoundError, match="no data between"):
        asked(database, "m", "12:00", since=at("11:30"), until=at("11:00"))


def test_its_json_holds_exact_amounts_and_times(database: Database) -> None:
    build(database, "s", [("10:00", catalog(model("m")))])
    answer = asked(database, "m", "2026-03-03").as_json()
    assert answer["from"] == "2026-03-01T10:00:00Z"
    assert answer["until"] == "2026-03-03T00:00:00Z"
    assert isinstance(answer["prices"], list)
    prompt, completion = answer["prices"]
    assert (prompt["low"], prompt["usual"]) == ("0.000003", "0.000003")
    assert completion["steps"] == [
        {
            "not_before": None,
            "not_after": "2026-03-01T10:00:00Z",
            "amount": "0.000015",
            "flagged": None,
            "version": 1,
            "event": None,
        }
    ]
    assert answer["gaps"] == [
        {
            "from": "2026-03-01T10:00:00Z",
            "until": "2026-03-03T00:00:00Z",
            "why": "no good poll since",
        }
    ]


def test_all_there_is_begins_a_little_before_the_first_sighting(database: Database) -> None:
    young = catalog(model("old"), model("young"))
    build(
        database, "s", [("2026-01-01", catalog(model("old"))), ("10:00", young), ("20:00", young)]
    )
    assert asked(database, "old", "20:00").since == at("2026-01-01")
    answer = asked(database, "young", "20:00")
    assert answer.since == at("10:00") - timedelta(minutes=15)
    assert (answer.first_seen, answer.tracked_since) == (at("10:00"), at("2026-01-01"))
    # Whoever asks for more gets it.
    assert asked(database, "young", "20:00", since=at("2026-02-01")).since == at("2026-02-01")
