"""Whoever keeps a message is a witness: each one carries the chain's head of its version."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.merkle import hash_text
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.storage import sources
from pricetrail.storage.history import versions
from tests.jobs.stage import Stage, listing, many, model, staged
from tests.support.payloads import data


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def heads(stage: Stage) -> dict[int, str]:
    """The head of every version."""
    with stage.database.read() as connection:
        source = sources.choose(connection, "pipellm")
        return {
            row.version: hash_text(row.hash) for row in versions.snapshots(connection, source.id)
        }


def test_every_message_carries_the_head_of_its_version(stage: Stage) -> None:
    stage.poll(many(12))
    stage.poll(many(12, prompts={3: "0.000009"}))
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    stage.poll(many(13, prompts={3: "0.000009"}))
    stage.poll(listing(model("only")))
    stage.poll(many(13, prompts={3: "0.000009"}))
    known, events = heads(stage), stage.events()
    assert {event.type for event in events} == {
        "model.repriced",
        "model.added",
        "source.failing",
        "source.recovered",
        "source.quarantined",
        "source.released",
    }
    for event in events:
        payload = data(event)
        carried = payload.get("snapshot") or payload["head"]
        assert (carried["version"], carried["hash"]) == (event.version, known[event.version])


def test_before_the_first_version_there_is_no_head_to_carry(stage: Stage) -> None:
    for _ in range(3):
        stage.poll(GatewayError("HTTP 503"))
    [failing] = stage.events()
    assert "head" not in data(failing)
