"""What every command stands on: opened at first use, checked once, explained when it is damaged."""

from pathlib import Path

import pytest

from pricetrail.catalog.errors import FailedError, InvalidInputError, NotFoundError
from pricetrail.context import App
from tests.pricetrail.commands.running import made_up_history


def test_a_missing_database_is_made_only_for_who_writes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    app = App()
    with pytest.raises(NotFoundError, match="no database yet"):
        app.database()
    assert not Path("pricetrail.db").exists()
    database = app.database(create=True)
    assert app.database() is app.database(create=True) is database
    path = Path("pricetrail.db").resolve()
    assert capsys.readouterr().err == f"made a new database: {path}\n"
    app.close()


def test_a_configuration_that_cannot_be_used_keeps_nobody_from_reading() -> None:
    Path("pricetrail.toml").write_text('[sources.s]\napi_key = "env:NOT_SET"\n', encoding="utf-8")
    app = App()
    assert "NOT_SET" in str(app.settings.problems[0])
    assert list(app.settings.sources) == []
    assert app.configured_sources() == {"s": {}}
    assert list(app.known_sources()) == ["s"]


@pytest.mark.parametrize("error", [InvalidInputError("a typo"), FailedError("a poll failed")])
def test_an_error_of_the_callers_is_no_sign_of_damage(error: Exception) -> None:
    made_up_history()
    app = App()
    app.database()
    Path("pricetrail.db").write_bytes(b"\0" * 8192)
    assert app.explained(error) is error
    app.close()


def test_an_unexpected_error_is_explained_by_a_damaged_file() -> None:
    made_up_history()
    app = App()
    error = RuntimeError("odd")
    assert app.explained(error) is error  # nothing was opened
    app.database()
    assert app.explained(error) is error  # nothing is damaged
    with Path("pricetrail.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 20_000)
    assert "damaged" in str(app.explained(error))
    app.close()
