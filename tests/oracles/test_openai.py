"""OpenAI's own client lists and retrieves models, of now and of the past."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import openai
import pytest

from pricetrail.storage.database import Database
from tests.oracles.service import running
from tests.support.histories import model
from tests.web.api.recordings import ODD, one_source

Client = Callable[[str], openai.OpenAI]


@pytest.fixture(scope="module")
def served(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("openai") / "prices.db"
    shutil.copyfile(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    one_source(database)
    database.close()
    with running(f"sqlite:///{path}") as address:
        yield address


@pytest.fixture
def client(served: str) -> Iterator[Callable[[str], openai.OpenAI]]:
    """Points a client at an address of the server; it is closed at the end."""
    with ExitStack() as stack:

        def pointed(below: str) -> openai.OpenAI:
            made = openai.OpenAI(base_url=f"{served}{below}", api_key="-", max_retries=0)
            return stack.enter_context(made)

        yield pointed


@pytest.mark.parametrize("below", ["/v1", "/s/s/v1"])
def test_it_lists_what_there_is(client: Client, below: str) -> None:
    listed = client(below).models.list()
    assert sorted(one.id for one in listed.data) == sorted(["m", "new", *ODD])
    assert [one.id for one in listed] == [one.id for one in listed.data]
    (new,) = (one for one in listed if one.id == "new")
    assert new.to_dict() == model("new", display_name="Newer")


@pytest.mark.parametrize("below", ["/at/2026-03-01T09:30:00Z/v1", "/s/s/at/2026-03-01T09:30Z/v1"])
def test_pointed_at_a_time_it_sees_the_past(client: Client, below: str) -> None:
    past = client(below)
    assert sorted(one.id for one in past.models.list()) == sorted(["m", "gone", *ODD])
    assert past.models.retrieve("gone").to_dict() == model("gone")
    with pytest.raises(openai.NotFoundError) as missing:
        past.models.retrieve("new")
    assert "does not list it at 2026-03-01T09:30:00Z" in str(missing.value)


@pytest.mark.parametrize("name", [*ODD, "m"])
def test_it_retrieves_a_model_by_its_whole_id(client: Client, name: str) -> None:
    found = client("/v1").models.retrieve(name)
    assert (found.id, found.to_dict()["pricing"]) == (name, model(name)["pricing"])


def test_an_unknown_model_is_not_found(client: Client) -> None:
    with pytest.raises(openai.NotFoundError) as missing:
        client("/v1").models.retrieve("openai/gpt-5:fre")
    # What a person sees of it, in whose program this is.
    assert "did you mean openai/gpt-5:free" in str(missing.value)
