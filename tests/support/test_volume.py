"""The profile says how many random lives there are."""

import pytest

from tests.support import volume


@pytest.mark.parametrize(
    ("profile", "number"), [("", 3), ("local", 3), ("ci", 3), ("quick", 1), ("thorough", 12)]
)
def test_a_thorough_run_takes_more_seeds(
    monkeypatch: pytest.MonkeyPatch, profile: str, number: int
) -> None:
    monkeypatch.setattr(volume, "_PROFILE", profile)
    assert list(volume.seeds(3, thorough=12)) == list(range(number))


@pytest.mark.parametrize(
    ("profile", "usual", "number"),
    [("", 25, 25), ("ci", 25, 25), ("quick", 25, 10), ("quick", 5, 5), ("thorough", 25, 500)],
)
def test_a_thorough_run_takes_more_examples(
    monkeypatch: pytest.MonkeyPatch, profile: str, usual: int, number: int
) -> None:
    monkeypatch.setattr(volume, "_PROFILE", profile)
    assert volume.examples(usual) == number
