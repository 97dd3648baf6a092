"""`docs/upgrade.md`: every command of it, on the database of a release, and back again."""

import lzma
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pricetrail.storage import schema
from tests.docs.guides import commands, played
from tests.migrations.released import FOLDER, SQLITE, recorded
from tests.pricetrail.commands.running import document, refused

pytestmark = pytest.mark.slow

PAGE = "upgrade.md"
OLDER = "0.1.0.dev0"


@pytest.fixture
def _released() -> None:
    """One with an older schema, as an older program left it."""
    Path("prices.db").write_bytes(lzma.decompress((FOLDER / OLDER / SQLITE).read_bytes()))
    text = 'database_url = "sqlite:///prices.db"\n[sources.two]\napi_key = "x"\n'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def play(heading: str) -> str:
    """The page's commands, on the sources that this database has."""
    names = {"pipellm": "één", "openrouter": "two"}
    lines = commands(PAGE, heading)
    for name, other in names.items():
        lines = [line.replace(f"--source {name}", f"--source {other}") for line in lines]
    return "".join(played(lines, os.environ))


def statements() -> list[str]:
    """All that is in the file."""
    with closing(sqlite3.connect("prices.db")) as file:
        return list(file.iterdump())


@pytest.mark.usefixtures("_released")
def test_a_database_is_upgraded_as_the_page_says_and_goes_back() -> None:
    before = statements()
    assert "run `pricetrail db upgrade`" in refused(2, "poll")
    said = play("The database")
    assert f"schema {recorded(OLDER)['schema']} → {schema.HEAD}" in said
    assert said.count("every hash and row as it should be") == 2
    assert document("usage", "show") == recorded(OLDER)["answers"]["usage show"]
    play("Going back")
    assert statements() == before
    assert document("db", "current")["schema"] == recorded(OLDER)["schema"]


@pytest.mark.usefixtures("_released")
def test_an_older_program_leaves_a_newer_schema_alone() -> None:
    with closing(sqlite3.connect("prices.db")) as file, file:
        file.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "install the newer pricetrail" in refused(2, "poll")
