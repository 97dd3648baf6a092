"""A thousand made-up worlds: nothing lost or made up, in order, with one id, and as it was."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.simulation import __main__ as command
from tests.faults.simulation import kept_seeds, seeds
from tests.support import volume
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow

CHUNKS = 40
IN_A_CHUNK = volume.seeds(25, thorough=1_000)
ON_POSTGRES = volume.seeds(20, thorough=500)

New = Callable[[], str]


@pytest.fixture(scope="module")
def new(_sqlite_template: Path) -> Iterator[New]:
    with seeds.sqlite_databases(_sqlite_template) as made:
        yield made


@pytest.fixture(scope="module")
def new_on_server(postgres_server: Postgres) -> Iterator[New]:
    with seeds.postgres_databases(postgres_server) as made:
        yield made


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_whatever_happens_comes_to_what_the_models_say(new: New, chunk: int) -> None:
    polled = 0
    for number in IN_A_CHUNK:
        world = seeds.run(chunk * len(IN_A_CHUNK) + number, new())
        polled += sum(model.polls for model in world.models.values())
    assert polled > len(IN_A_CHUNK)


@pytest.mark.parametrize("chunk", range(3))
def test_so_it_does_on_postgres(new_on_server: New, chunk: int) -> None:
    for number in ON_POSTGRES:
        seeds.run(chunk * len(ON_POSTGRES) + number, new_on_server())


@pytest.mark.parametrize("seed", kept_seeds.FOUND)
def test_a_world_that_went_wrong_once_does_not_again(new: New, seed: int) -> None:
    seeds.run(seed, new())


def test_the_same_seed_makes_the_same_history(new: New) -> None:
    first, again = (
        [seeds.run(seed, new()).fingerprint for seed in range(5)] for _ in ("first", "again")
    )
    assert first == again
    assert len(set(first)) == 5


def test_a_world_that_goes_wrong_says_how_to_see_it_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["simulate", "--first", "3", "--seeds", "2"])
    assert command.main() == 0
    assert "2 of 2 worlds" in capsys.readouterr().out
    monkeypatch.setattr("tests.faults.simulation.ends.check", _wrong)
    assert command.main() == 1
    assert "seed 3: see it again with `make simulate SEED=3`" in capsys.readouterr().out


def _wrong(_world: object) -> None:
    raise AssertionError("made up")
