"""`[aliases]`: a model under several names is one, whoever asks and however."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import pytest
from starlette.testclient import TestClient

import pricetrail
from pricetrail.catalog.aliases import NO_ALIASES, Aliases, grouped
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.context import App
from pricetrail.mcp.calls import Calls
from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.app import create_app
from pricetrail.web.site import Site
from tests.pricetrail.commands.running import URL, document, refused, shown
from tests.support.histories import build, catalog, model, tokens
from tests.support.html import read

ClientOf: TypeAlias = Callable[[Aliases], TestClient]

NAMES = {"gpt-5": ["openai/gpt-5", "gpt-5-2025-08-07"]}
CONFIGURATION = '[aliases]\n"gpt-5" = ["openai/gpt-5", "gpt-5-2025-08-07"]\n'
USAGE = "time,model,prompt\n" + "".join(
    f"2026-03-01T11:00:00Z,{name},1000000\n" for name in ("gpt-5", "gpt-5-2025-08-07", "same")
)


@pytest.fixture(autouse=True)
def _sources() -> None:
    """Of source direct gpt-5, of router openai/gpt-5, which is cheaper there; both list same."""
    Path("pricetrail.db").write_bytes(recorded())
    Path("pricetrail.toml").write_text(CONFIGURATION, encoding="utf-8")


@cache
def recorded() -> bytes:
    """The database with it: written once in each process of the tests."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "prices.db"
        prepare(f"sqlite:///{file}")
        database = Database(f"sqlite:///{file}")
        first = catalog(model("gpt-5"), model("same"), model("a"))
        build(database, "direct", [("10:00", first), ("12:00", first)])
        cheap = tokens("0.0000025", "0.000015")
        second = catalog(model("openai/gpt-5", cheap), model("same"))
        build(database, "router", [("10:00", second), ("12:00", second)])
        database.close()
        return file.read_bytes()


@pytest.fixture
def client_of() -> Iterator[ClientOf]:
    """Makes a client of the page, with the names that stand for one model."""
    with ExitStack() as stack:

        def make(aliases: Aliases) -> TestClient:
            database = Database(URL)
            stack.callback(database.close)
            site = Site(database=database, hosts=Hosts("127.0.0.1"), aliases=aliases)
            return stack.enter_context(TestClient(create_app(site), base_url="http://127.0.0.1"))

        yield make


def brief(answer: Any) -> dict[str, list[tuple[str, str | None]]]:
    """Of each model who offers it, and as what."""
    return {
        one["model"]: [(offer["source"], offer.get("name")) for offer in one["offers"]]
        for one in answer["models"]
    }


JOINED = [("router", "openai/gpt-5"), ("direct", None)]


def test_the_command_says_under_which_name_each_source_lists_it() -> None:
    assert brief(document("compare")) == {
        "gpt-5": JOINED,
        "same": [("direct", None), ("router", None)],
    }
    for name in ("gpt-5", "openai/gpt-5", "gpt-5-2025-08-07"):
        assert brief(document("compare", name)) == {"gpt-5": JOINED}
        words = shown("compare", name)
        assert words.startswith("gpt-5 at 2026-03-01T12:00:00Z: 2 sources\n")
        assert "router (as openai/gpt-5)" in words
        assert "router, as openai/gpt-5  2026-03-01T10:00:00Z or before" in words
    assert "as openai/gpt-5" in shown("compare")


def test_python_agents_and_programs_get_the_same(client_of: ClientOf) -> None:
    printed = document("compare", "openai/gpt-5")
    with pricetrail.connect() as prices:
        assert prices.compare("openai/gpt-5").as_json() == printed
    with pricetrail.connect(URL, aliases=NAMES) as prices:
        assert prices.compare("openai/gpt-5").as_json() == printed
    # With an address no file is read.
    with pricetrail.connect(URL) as prices:
        assert brief(prices.compare().as_json()).keys() == {"same"}
    with pricetrail.connect(aliases={}) as prices:
        assert brief(prices.compare().as_json()).keys() == {"same"}
    app = App()
    told: Any = Calls(app).call("compare", {"model": "openai/gpt-5"}).answer
    assert {key: told[key] for key in ("at", "models")} == printed
    app.close()
    client = client_of(grouped(NAMES))
    answer = client.get("/api/v1/compare?model=openai/gpt-5")
    assert json.loads(answer.text) == printed
    past = client.get("/api/v1/compare?at=2026-03-01T09:59:00Z")
    assert "immutable" not in past.headers.get("cache-control", "")


def test_the_pages_join_them_too(client_of: ClientOf) -> None:
    client = client_of(grouped(NAMES))
    for at in ("", "&at=2026-03-01T11:00:00Z"):
        page = read(client.get(f"/compare/sources?q=openai{at}").text)
        rows = page.tables[0]
        assert [row[:2] for row in rows if row[0].startswith(("router", "direct"))] == [
            ["router as openai/gpt-5", "cheapest $2.50"],
            ["direct", "+20% $3.00"],
        ]
        assert page.links["router"].startswith("/model/openai/gpt-5?")
    model_page = client.get("/model/gpt-5?source=direct").text
    assert "/model/openai/gpt-5?source=router" in read(model_page).links["router"]
    assert "as openai/gpt-5" in read(model_page).main.text.replace("\n", " ")
    plain = client_of(NO_ALIASES).get("/model/gpt-5?source=direct").text
    assert "openai/gpt-5" not in plain


def test_usage_is_priced_by_the_name_that_the_source_lists() -> None:
    Path("usage.csv").write_text(USAGE, encoding="utf-8")
    found = document("audit", "usage.csv", "--source", "router")
    assert [(one["model"], one.get("priced_as"), one["cost"]) for one in found["lines"]] == [
        ("gpt-5", "openai/gpt-5", "2.5"),
        ("gpt-5-2025-08-07", "openai/gpt-5", "2.5"),
        ("same", None, "3"),
    ]
    assert (found["total"], found["unpriced"]) == ("8", [])
    swapped = document("whatif", "usage.csv", "--source", "router", "--swap", "gpt-5=same")
    assert (swapped["now"], swapped["then"]) == ("8", "9")
    Path("pricetrail.toml").unlink()
    assert len(document("audit", "usage.csv", "--source", "router")["unpriced"]) == 2


def test_aliases_that_cannot_be_told_apart_stop_what_needs_them_alone() -> None:
    Path("pricetrail.toml").write_text('[aliases]\na = ["x"]\nb = ["x"]\n', encoding="utf-8")
    assert "aliases.b: 'x' is a name of 'a' too" in refused(2, "compare")
    assert shown("models", "--source", "direct")
    with pricetrail.connect() as prices:
        assert prices.price("gpt-5", source="direct")
        with pytest.raises(InvalidInputError, match="'x' is a name of 'a' too"):
            prices.compare()
    several: list[dict[str, Any]] = [{"a": "b"}, {"a": []}, {"a": ["b"], "c": ["b"]}]
    for wrong in several:
        with pytest.raises(InvalidInputError, match="aliases: "):
            pricetrail.connect(URL, aliases=wrong)
    with pricetrail.connect(URL, aliases=NAMES) as prices, pytest.raises(NotFoundError):
        prices.compare("nosuch")
