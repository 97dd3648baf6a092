"""`pricetrail init`: written once, beside what is there."""

from pathlib import Path

import pytest

from pricetrail.settings.loading import load
from tests.pricetrail.commands.running import document, refused, shown


def test_init_writes_a_configuration_that_works_and_makes_the_database() -> None:
    said = shown("init")
    assert "wrote pricetrail.toml" in said
    assert said.endswith("next: set PIPELLM_API_KEY, then run `pricetrail poll`\n")
    assert Path("pricetrail.db").exists()
    settings = load(None, {"PIPELLM_API_KEY": "sk-x"})
    assert list(settings.sources) == ["pipellm"]
    assert not settings.webhooks


def test_a_key_that_is_set_is_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIPELLM_API_KEY", "sk-x")
    assert shown("init").endswith("\nnext: run `pricetrail poll`\n")


def test_what_was_made_is_told_to_programs() -> None:
    made = document("--config", "own.toml", "init")
    assert made == {"config": "own.toml", "database": "sqlite:///pricetrail.db"}


def test_init_never_overwrites() -> None:
    Path("pricetrail.toml").write_text("# mine", encoding="utf-8")
    assert "already exists" in refused(2, "init")
    assert Path("pricetrail.toml").read_text(encoding="utf-8") == "# mine"
