"""The demo's story as it is told: each step polled and shown, then messages and answers."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from pricetrail.catalog.errors import FailedError
from pricetrail.demo import play, story
from pricetrail.demo.scene import Scene, set_up
from pricetrail.jobs.deliveries.delivering import Deliverer

pytestmark = pytest.mark.slow


@pytest.fixture
def scene(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setattr(play, "PAUSE", 0.01)
    with set_up(sqlite_url) as made:
        yield made


def test_every_step_is_told_in_order_with_what_its_poll_made_of_it(
    scene: Scene, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The questions at the end go to the demo's own database, whatever is configured.
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///elsewhere.db")
    play.play(scene)
    shown = capsys.readouterr().out
    titles = [step.title for step in story.steps()]
    assert re.findall(r"^(\d+)\. (.+)$", shown, re.MULTILINE) == [
        (str(number), title) for number, title in enumerate(titles, 1)
    ]
    outcomes = re.findall(r"^   poll: (\w+)", shown, re.MULTILINE)
    assert outcomes == [
        *("version", "unchanged", "changed", "changed", "changed", "changed", "changed"),
        *("quarantined", "changed", "changed"),
    ]
    asked = shown[shown.index("$ pricetrail price") :]
    assert re.findall(r"^\$ pricetrail (\w+)", asked, re.MULTILINE) == ["price", "price", "history"]
    assert "$18.00 /1M" in asked


def test_without_a_message_the_demo_says_what_may_be_wrong(scene: Scene) -> None:
    deaf = replace(scene, deliverer=Deliverer(scene.database, {}))
    with pytest.raises(FailedError, match="is loopback filtered here"):
        play.play(deaf)
