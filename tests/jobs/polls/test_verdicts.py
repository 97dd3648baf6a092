"""Verdicts on catalogs: by what was set aside before, and how long polls have agreed."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.jobs.polls import verdicts
from pricetrail.jobs.polls.reviewing import reject
from pricetrail.jobs.polls.verdicts import Verdict
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.quarantine import HELD, REJECTED
from tests.jobs.stage import Stage, listing, many, model, staged


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with staged(sqlite_url) as made:
        made.poll(many(20))
        yield made


@pytest.fixture
def judged(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[Verdict]:
    """The verdicts of the polls after the first, in order."""
    found: list[Verdict] = []
    real = verdicts.decide

    def decide(*arguments: Any) -> Verdict:
        found.append(real(*arguments))
        return found[-1]

    monkeypatch.setattr(verdicts, "decide", decide)
    return found


def noisy(models: int, turn: int) -> dict[str, Any]:
    """The same catalog in other floats: its hash is another one each time."""
    return listing(*(model(f"m-{n:03d}", f"0.0000030000000000000000{turn}") for n in range(models)))


def test_a_change_like_any_other_is_accepted_at_once(stage: Stage, judged: list[Verdict]) -> None:
    stage.poll(many(21))
    assert judged == [Verdict()]
    assert judged[0].accepted
    assert judged[0].seen_first is None


def test_a_suspicious_catalog_is_believed_once_polls_agreed_for_long_enough(
    stage: Stage, judged: list[Verdict]
) -> None:
    for _ in range(3):
        stage.poll(many(5))
    first, second, third = judged
    assert first == Verdict("15 of 20 models gone at once (over 30 %, max_removed_percent)")
    assert second.entry is not None
    assert second.entry.state == HELD
    assert second.agreement is not None
    assert (second.agreement.polls, second.agreement.lasted) == (2, timedelta(minutes=15))
    assert [verdict.accepted for verdict in judged] == [False, False, True]
    assert third.entry is not None
    assert third.seen_first == third.entry.first_at == stage.now - timedelta(minutes=30)


def test_the_same_catalog_in_other_floats_is_the_same_entry(
    stage: Stage, judged: list[Verdict]
) -> None:
    for turn in (1, 2, 3):
        stage.poll(noisy(5, turn))
    assert [verdict.entry is None for verdict in judged] == [True, False, False]
    assert judged[-1].confirmed


def test_another_catalog_begins_anew(stage: Stage, judged: list[Verdict]) -> None:
    for size in (5, 6, 5, 5):
        stage.poll(many(size))
    # The other one took the place of the first, which is new when it comes again.
    assert [verdict.entry is None for verdict in judged] == [True, True, True, False]
    agreed = [verdict.agreement.polls for verdict in judged if verdict.agreement is not None]
    assert agreed == [2]
    # As many models at other prices are no agreement either.
    stage.poll(many(5, prompts={0: "0.000004"}))
    assert judged[-1].entry is None


def test_a_poll_that_failed_in_between_begins_anew(stage: Stage, judged: list[Verdict]) -> None:
    for served in (many(5), many(5), b"nonsense", many(5)):
        stage.poll(served)
    assert judged[-1].agreement is not None
    assert judged[-1].agreement.polls == 1
    assert not judged[-1].accepted


def test_what_was_rejected_is_never_confirmed(stage: Stage, judged: list[Verdict]) -> None:
    stage.poll(many(5))
    with stage.database.read() as connection:
        [entry] = quarantine.listed(connection)
    reject(stage.database, {}, {"pipellm": stage.source()}, entry.id)
    for _ in range(4):
        stage.poll(many(5))
    assert {verdict.accepted for verdict in judged} == {False}
    assert judged[-1].entry is not None
    assert (judged[-1].entry.state, judged[-1].agreement) == (REJECTED, None)


def test_what_was_set_aside_before_a_new_version_does_not_count(
    stage: Stage, judged: list[Verdict]
) -> None:
    for size in (5, 5, 21, 5):
        stage.poll(many(size))
    assert judged[-1].reason is not None
    assert judged[-1].entry is None


def test_an_empty_catalog_never_confirms_itself(stage: Stage, judged: list[Verdict]) -> None:
    for _ in range(4):
        stage.poll(listing())
    assert judged[-1].agreement is not None
    assert judged[-1].agreement.confirms
    assert not judged[-1].accepted


def test_another_accounts_list_may_differ_by_any_number_but_all(
    stage: Stage, judged: list[Verdict]
) -> None:
    stage.poll(listing(), api_key="sk-another")
    stage.poll(many(5), api_key="sk-another")
    assert [verdict.accepted for verdict in judged] == [False, True]
