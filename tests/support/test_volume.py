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


@pytest.mark.parametrize(("profile", "number"), [("", 3), ("quick", 3), ("thorough", 12)])
def test_a_thorough_run_takes_longer_histories(
    monkeypatch: pytest.MonkeyPatch, profile: str, number: int
) -> None:
    monkeypatch.setattr(volume, "_PROFILE", profile)
    assert volume.size(3, thorough=12) == number


@pytest.mark.parametrize(
    ("profile", "usual", "number"), [("", 15, 15), ("quick", 15, 10), ("thorough", 15, 300)]
)
def test_a_thorough_run_tries_more_examples(
    monkeypatch: pytest.MonkeyPatch, profile: str, usual: int, number: int
) -> None:
    monkeypatch.setattr(volume, "_PROFILE", profile)
    assert volume.examples(usual) == number


@pytest.mark.parametrize(
    ("profile", "on_sqlite", "on_postgres"), [("", 3, 2), ("quick", 1, 1), ("thorough", 12, 12)]
)
def test_a_server_gets_the_first_seeds_and_all_of_a_thorough_run(
    monkeypatch: pytest.MonkeyPatch, profile: str, on_sqlite: int, on_postgres: int
) -> None:
    monkeypatch.setattr(volume, "_PROFILE", profile)
    mark = volume.on_both(3, thorough=12, on_postgres=2).mark
    assert mark.args[1] == [
        *(("sqlite", seed) for seed in range(on_sqlite)),
        *(("postgres", seed) for seed in range(on_postgres)),
    ]
