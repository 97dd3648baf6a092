"""A database of each release is brought to the newest schema, and answers as it did then."""

import lzma
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.storage.errors import SchemaVersionError
from pricetrail.version import VERSION
from tests.migrations.released import DUMP, FOLDER, SQLITE, answers, recorded
from tests.packaging.changelog import sections
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
RELEASES = sorted(path.name for path in FOLDER.iterdir())
on_both = pytest.mark.parametrize("kind", ["sqlite", "postgres"])

Laid = Callable[[str, str], str]


@pytest.fixture
def laid(
    request: pytest.FixtureRequest, tmp_path: Path, new_postgres: Callable[[str], str]
) -> Laid:
    """Gives the database of a release, as SQLite or on Postgres, as it was left then."""

    def lay(release: str, kind: str) -> str:
        if kind == "sqlite":
            file = tmp_path / "prices.db"
            file.write_bytes(lzma.decompress((FOLDER / release / SQLITE).read_bytes()))
            return f"sqlite:///{file}"
        server: Postgres = request.getfixturevalue("postgres_server")
        url = new_postgres("template0")
        with server.connect(url.partition("@/")[2].partition("?")[0]) as connection:
            connection.execute(lzma.decompress((FOLDER / release / DUMP).read_bytes()))
        return url

    return lay


def upgraded(url: str) -> None:
    database = Database(url)
    schema.upgrade(database)
    database.close()


def differences(then: Any, now: Any, where: str = "") -> list[str]:
    """Where an answer lacks something of what it had; more than that it may have."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [
            found
            for key, value in then.items()
            for found in differences(value, now.get(key), f"{where}/{key}")
        ]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [found for n, pair in pairs for found in differences(*pair, f"{where}/{n}")]
    return [] if then == now else [f"{where}: {then!r} became {now!r}"]


def test_every_release_has_left_a_database() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    released = {section.version for section in sections(changelog) if section.day is not None}
    # Before the first release one was kept as well, so that there is something to upgrade.
    assert released | {VERSION, "0.1.0.dev0"} == {*RELEASES, VERSION}


@on_both
@pytest.mark.parametrize("release", RELEASES)
def test_the_database_of_a_release_is_upgraded_and_answers_as_then(
    laid: Laid, release: str, kind: str
) -> None:
    url, then = laid(release, kind), recorded(release)
    database = Database(url)
    assert schema.current(database) == then["schema"]
    database.close()
    upgraded(url)
    now = answers(url)
    assert differences(then["answers"], now) == []
    assert all(answer["ok"] for question, answer in now.items() if question.startswith("verify"))


@pytest.mark.parametrize("release", RELEASES)
def test_migrations_lead_on_from_every_release(release: str) -> None:
    scripts = ScriptDirectory.from_config(schema._alembic())
    chain = [script.revision for script in scripts.walk_revisions()]
    assert recorded(release)["schema"] in chain


def test_a_database_with_an_older_schema_is_refused_and_then_upgraded(laid: Laid) -> None:
    url = laid("0.1.0.dev0", "postgres")
    database = Database(url)
    with pytest.raises(SchemaVersionError, match="run `pricetrail db upgrade`"):
        schema.require(database)
    database.close()
    upgraded(url)
    assert differences(recorded("0.1.0.dev0")["answers"], answers(url)) == []


def test_a_migration_that_spoils_rows_would_be_noticed(laid: Laid) -> None:
    url = laid("0.1.0", "sqlite")
    upgraded(url)
    written(url, "UPDATE coverage SET polls = polls + 1")
    written(url, "UPDATE delivery SET attempts = 9 WHERE number = 1")
    written(url, "UPDATE quarantine SET reason = 'another' WHERE id = 1")
    written(url, "UPDATE silence SET glob = 'x' WHERE id = 1")
    written(url, "DELETE FROM usage WHERE model = 'A'")
    found = differences(recorded("0.1.0")["answers"], answers(url))
    asked = {where.split("/")[1].split()[0] for where in found}
    assert asked >= {"coverage", "deliveries", "quarantine", "silence", "usage"}
    written(url, "UPDATE price SET amount = '7' WHERE valid_from = 1")
    with pytest.raises(AssertionError, match="first break"):
        answers(url)


def written(url: str, statement: str) -> None:
    database = Database(url)
    with database.write() as connection:
        assert connection.execute(text(statement)).rowcount
    database.close()
