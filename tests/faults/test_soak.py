"""What runs for long takes no more than what has just begun: a service, a week of polls."""

import gc
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.alerts.webhooks import Webhook
from tests.jobs.stage import Stage, many, staged
from tests.soak.process import Growth, Sample, growth, load, sample, sampled
from tests.soak.service import idling, running
from tests.support.receivers import receiving
from tests.support.volume import size

pytestmark = pytest.mark.slow

_SECONDS = size(24, thorough=600)


def test_a_service_under_load_takes_no_more_and_more(tmp_path: Path) -> None:
    """It takes the shortest interval that there is: an hour of it is `make soak`."""
    with running(tmp_path, f"sqlite:///{tmp_path}/soak.db", sources=20, every=10) as process:
        samples = list(sampled(process, _SECONDS, 0.25))
    grown = growth(samples)
    # In seconds memory has not had its fill: `make soak` looks at that.
    assert grown.memory < 1.3, grown
    assert max(grown.files, grown.threads, grown.sockets) < 1.5, grown


def test_one_source_idles_in_little(tmp_path: Path) -> None:
    with idling(tmp_path, f"sqlite:///{tmp_path}/idle.db") as process:
        samples = list(sampled(process, 10, 1))
    assert samples[-1].memory < 80 * 1024
    # `make soak` holds it to 1 %: here the machine is at work on other tests.
    assert load(samples) < 0.03


@pytest.fixture
def stage(sqlite_url: str) -> Iterator[Stage]:
    with receiving() as receiver:
        hooks = {"main": Webhook(name="main", url=receiver.url, allow_private=True)}
        with staged(sqlite_url, webhooks=hooks) as made:
            yield made


def test_a_week_of_polls_leaves_nothing_behind(stage: Stage) -> None:
    """Every quarter of an hour; one in eight finds something new, and tells it."""
    held = []
    for poll in range(7 * 24 * 4):
        stage.poll(many(20, prompts={3: f"0.00000{1 + poll // 8 % 8}"}))
        if poll % 8 == 0:
            stage.deliver()
        if poll % 96 == 95:
            gc.collect()
            held.append((len(gc.get_objects()), sample(os.getpid())))
    objects, samples = zip(*held, strict=True)
    assert objects[-1] < objects[1] * 1.02
    assert samples[-1].files <= samples[1].files + 1
    assert samples[-1].threads <= samples[1].threads + 1
    assert threading.active_count() < 10


def test_what_grows_is_found() -> None:
    steady = [Sample(float(n), 1000 + n % 3, 0.0, 10, 5, 3) for n in range(40)]
    growing = [one._replace(files=10 + n) for n, one in enumerate(steady)]
    assert growth(steady) == Growth(1.0, 1.0, 1.0, 1.0)
    assert growth(growing).files > 1.5
