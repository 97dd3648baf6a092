"""`pricetrail run`: how the service's end becomes the command's (see tests/acceptance)."""

from pathlib import Path

import pytest

from pricetrail.jobs.service import Service
from tests.pricetrail.commands.running import refused, run

CONFIG = """
[sources.s]
url = "http://127.0.0.1:1/v1/models"
api_key = "demo-key"
"""


@pytest.mark.parametrize(("finished", "code"), [(True, 0), (False, 1)])
def test_it_ends_well_only_where_nothing_was_left_in_hand(
    monkeypatch: pytest.MonkeyPatch, *, finished: bool, code: int
) -> None:
    Path("pricetrail.toml").write_text(CONFIG, encoding="utf-8")
    monkeypatch.setattr(Service, "run", lambda _: finished)
    found, out, err = run("run")
    assert (found, out) == (code, "")
    [started] = [row for row in err.splitlines() if " starts: " in row]
    assert "database sqlite:///pricetrail.db; 1 source: s (due); " in started
    assert started.endswith("0 webhooks")
    assert ("pricetrail: stopped before it was done" in err) is not finished
    assert Path("pricetrail.db").exists()


def test_without_a_source_nothing_is_made() -> None:
    assert "no source is configured" in refused(2, "run")
    assert not list(Path().iterdir())


def test_it_goes_on_with_what_is_sound_and_tells_the_rest_at_its_start_and_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Service, "run", lambda service: list(service.in_force.now.sources) == ["s"])
    for fault, code in (
        ('[webhooks.w]\nurl = "env:NOT_SET"\n', 1),
        ('[sources.t]\napi_key = "env:NOT_SET"\n', 2),
    ):
        Path("pricetrail.toml").write_text(CONFIG + fault, encoding="utf-8")
        found, out, err = run("run")
        assert (found, out) == (code, "")
        assert err.count("the environment variable NOT_SET is not set") == 2
        assert "stopped: everything in hand was finished" in err
    Path("pricetrail.toml").write_text(fault + "hold = 'x'\n", encoding="utf-8")
    found, _, err = run("run")
    assert (found, len(err.splitlines())) == (2, 2)
