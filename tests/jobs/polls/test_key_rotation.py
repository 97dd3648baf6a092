"""A key that stands in a file and was exchanged: the poll that meets it is tried again at once."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from pricetrail.jobs.in_force import Configured, InForce, NoFiles
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.gateway_errors import refused
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from tests.jobs.stage import Stage, many, staged


class KeyFile(NoFiles):
    """The key's file, and what was read of it."""

    def __init__(self) -> None:
        self.written = self.known = "key-1"

    def source(self, source: Source) -> Source:
        return replace(source, api_key=self.known)

    def source_again(self, source: Source) -> Source:
        self.known = self.written
        return self.source(source)


class Rotating:
    """A gateway that knows one key, and a poller beside it."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.file = KeyFile()
        self.key = "key-1"
        self.status = 401
        self.asked: list[tuple[str, str | None]] = []
        in_force = InForce(Configured(files=self.file))
        self.poller = Poller(stage.database, in_force, fetch=self.fetch)

    def fetch(self, source: Source, etag: str | None, **_limits: Any) -> Answer:
        self.asked.append((source.api_key, etag))
        if source.api_key != self.key:
            raise refused(self.status)
        return Answer(200, json.dumps(many(3)).encode(), '"e1"')

    def poll(self) -> tuple[str, list[tuple[str, str | None]]]:
        """What became of a poll, and what was asked with."""
        self.stage.pass_time(minutes=15)
        self.asked = []
        return self.poller.poll(self.stage.source(api_key="key-1")).outcome, self.asked


@pytest.fixture
def rotating(sqlite_url: str) -> Iterator[Rotating]:
    with staged(sqlite_url) as stage:
        made = Rotating(stage)
        assert made.poll()[0] == "changed"
        yield made


@pytest.mark.parametrize("status", [401, 403, 407])
def test_the_new_key_is_tried_at_once_and_stays(rotating: Rotating, status: int) -> None:
    rotating.status, rotating.key, rotating.file.written = status, "key-2", "key-2"
    # What was seen with another key is nothing to ask by.
    assert rotating.poll() == ("unchanged", [("key-1", '"e1"'), ("key-2", None)])
    assert rotating.poll() == ("unchanged", [("key-2", '"e1"')])
    # It is the same account: neither an event nor another beginning.
    state = rotating.stage.state
    assert (state.head_version, state.baseline_version) == (1, 1)
    assert rotating.stage.kinds() == []
    assert state.key_fingerprint == rotating.stage.source(api_key="key-2").fingerprint


@pytest.mark.parametrize("written", ["key-1", "key-3"])
def test_a_key_that_is_refused_as_well_is_not_tried_for_ever(
    rotating: Rotating, written: str
) -> None:
    rotating.key, rotating.file.written = "key-2", written
    outcome, asked = rotating.poll()
    assert outcome == "failed"
    assert [key for key, _ in asked] == list(dict.fromkeys(["key-1", written]))


def test_no_other_failure_has_the_key_read_again(rotating: Rotating) -> None:
    rotating.status, rotating.key, rotating.file.written = 404, "key-2", "key-2"
    assert rotating.poll() == ("failed", [("key-1", '"e1"')])
