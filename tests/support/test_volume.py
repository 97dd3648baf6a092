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
    ("profile", "number"), [("", 30), ("local", 30), ("ci", 30), ("quick", 10), ("thorough", 600)]
)
def test_a_thorough_run_takes_more_examples(
    monkeypatch: pytest.MonkeyPatch, profile: str, number: int
) -> None:
    monkeypatch.setattr(volume, "_PROFILE", profile)
    assert volume.examples(30) == number
    assert volume.examples(5) == {"thorough": 100}.get(profile, 5)
