"""Names of the configuration and the database; nothing is made, and nothing complains."""

from pathlib import Path

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.schema import prepare
from tests.pricetrail.commands.running import URL
from tests.pricetrail.completion.asking import answers
from tests.support.histories import build, catalog, model

CONFIG = """
database_url = "sqlite:///pricetrail.db"
[sources.team]
api_key = "env:NOT_SET"
[webhooks.billing]
url = "env:NOT_SET"
"""


def history(url: str) -> None:
    database = Database(url)
    models = [model(name) for name in ("gpt-5", "gpt-5:free", "o'9", "with\nline")]
    build(database, "pipellm", [("10:00", catalog(*models))])
    database.close()


def test_names_come_from_the_configuration_and_the_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    prepare(URL)
    history(URL)
    Path("pricetrail.toml").write_text(CONFIG, encoding="utf-8")
    for line in ("price gpt", "history gpt", "compare gpt", "evidence gpt", "events --model gpt"):
        assert answers(f"pricetrail {line}") == ["gpt-5", "gpt-5:free"], line
    assert answers('pricetrail price "o') == ["o'9"]
    assert answers("pricetrail price with") == []
    for line in ("models --source ", "poll ", "sources pause "):
        assert answers(f"pricetrail {line}") == ["pipellm", "team"], line
    for line in ("webhooks test ", "deliveries list --webhook ", "deliveries retry --webhook="):
        assert answers(f"pricetrail {line}") == ["billing"], line
    # From elsewhere, by the configuration that is named: before the command, or in the environment.
    named = Path("pricetrail.toml").absolute()
    monkeypatch.chdir(tmp_path.parent)
    assert answers(f"pricetrail --config {named} price gpt") == ["gpt-5", "gpt-5:free"]
    monkeypatch.setenv("PRICETRAIL_CONFIG", str(named))
    assert answers("pricetrail price gpt-5:") == ["gpt-5:free"]


def test_it_is_silent_and_makes_nothing_where_there_is_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert answers("pricetrail price ") == []
    Path("pricetrail.toml").write_text("[sources.", encoding="utf-8")
    assert answers("pricetrail poll ") == []
    Path("pricetrail.toml").write_text('database_url = "env:NOT_SET"', encoding="utf-8")
    assert answers("pricetrail price ") == []
    Path("pricetrail.toml").unlink()
    Path("pricetrail.db").write_text("not a database", encoding="utf-8")
    assert answers("pricetrail price ") == []
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "postgresql+psycopg://127.0.0.1:1/x")
    assert answers("pricetrail price ") == []
    assert [path.name for path in Path().iterdir()] == ["pricetrail.db"]


def test_names_come_from_any_database(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    history(database_url)
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", database_url)
    assert answers("pricetrail price gpt-5") == ["gpt-5", "gpt-5:free"]
    assert answers("pricetrail coverage --source ") == ["pipellm"]
