"""OpenAI's own client lists and retrieves models, of now and of the past."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from pricetrail.storage.database import Database
from tests.oracles.service import running
from tests.support.histories import model
from tests.web.api.recordings import ODD, one_source


@pytest.fixture(scope="module")
def served(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = tmp_path_factory.mktemp("openai") / "prices.db"
    shutil.copyfile(_sqlite_template, path)
    database = Database(f"sqlite:///{path}")
    one_source(database)
    database.close()
    with running(f"sqlite:///{path}") as address:
        yield address


def client(address: str, below: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}{below}", api_key="none is needed", max_retries=0)


@pytest.mark.parametrize("below", ["/v1", "/s/s/v1"])
def test_it_lists_what_there_is(served: str, below: str) -> None:
    listed = client(served, below).models.list()
    assert sorted(one.id for one in listed.data) == sorted(["m", "new", *ODD])
    assert [one.id for one in listed] == [one.id for one in listed.data]
    (new,) = (one for one in listed if one.id == "new")
    assert new.to_dict() == model("new", display_name="Newer")


@pytest.mark.parametrize("below", ["/at/2026-03-01T09:30:00Z/v1", "/s/s/at/2026-03-01T09:30Z/v1"])
def test_pointed_at_a_time_it_sees_the_past(served: str, below: str) -> None:
    past = client(served, below)
    assert sorted(one.id for one in past.models.list()) == sorted(["m", "gone", *ODD])
    assert past.models.retrieve("gone").to_dict() == model("gone")
    with pytest.raises(openai.NotFoundError, match="new"):
        past.models.retrieve("new")


@pytest.mark.parametrize("name", [*ODD, "m"])
def test_it_retrieves_a_model_by_its_whole_id(served: str, name: str) -> None:
    found = client(served, "/v1").models.retrieve(name)
    assert (found.id, found.to_dict()["pricing"]) == (name, model(name)["pricing"])


def test_an_unknown_model_is_not_found(served: str) -> None:
    with pytest.raises(openai.NotFoundError, match=r"did you mean openai/gpt-5:free"):
        client(served, "/v1").models.retrieve("openai/gpt-5:fre")
