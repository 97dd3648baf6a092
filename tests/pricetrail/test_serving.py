"""The page wired to the configuration and the database."""

import builtins
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from pricetrail.catalog.errors import FailedError, InvalidInputError, NotFoundError
from pricetrail.context import App
from pricetrail.serving import MissingExtraError, serving, serving_database, web_settings
from pricetrail.settings.web import WebSettings
from tests.pricetrail.commands.running import URL, made_up_history

FREE = WebSettings(port=0)


def get(address: str) -> tuple[int, str]:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return answer.status, answer.read().decode()


def test_the_page_is_served_while_the_body_runs() -> None:
    made_up_history()
    app = App()
    with serving(app, FREE) as page:
        assert page.address.startswith("http://127.0.0.1:")
        status, text = get(page.address)
        assert status == 200
        assert "pricetrail" in text
    assert not page.failed
    with pytest.raises(OSError, match="refused"):
        get(page.address)
    app.close()


def test_without_a_database_there_is_nothing_to_serve() -> None:
    with pytest.raises(NotFoundError, match="run `pricetrail poll`"), serving(App(), FREE):
        pass
    assert not Path("pricetrail.db").exists()


def test_readers_have_their_own_connections() -> None:
    made_up_history()
    app = App()
    with serving(app, FREE) as page:
        get(page.address)
        assert app.database().engine.pool.checkedin() <= 1  # type: ignore[attr-defined] # a QueuePool
    app.close()


def test_an_open_door_is_refused_before_it_is_opened() -> None:
    made_up_history()
    with (
        pytest.raises(InvalidInputError, match="no token is set"),
        serving_database(URL, WebSettings(host="0.0.0.0", port=0)),
    ):
        pass


def test_an_address_that_is_taken_is_told() -> None:
    made_up_history()
    with serving_database(URL, FREE) as page:
        port = int(page.address.split(":")[2].strip("/"))
        with (
            pytest.raises(FailedError, match=f"port {port}: Address already in use; choose"),
            serving_database(URL, WebSettings(port=port)),
        ):
            pass
        assert get(page.address)[0] == 200


def test_a_root_path_of_a_page_is_refused() -> None:
    made_up_history()
    with (
        pytest.raises(InvalidInputError, match=r"/api is a page's own path"),
        serving_database(URL, WebSettings(port=0, root_path="/api/x")),
    ):
        pass


@pytest.mark.parametrize("missing", ["uvicorn", "fastapi", "jinja2"])
def test_a_missing_extra_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    made_up_history()
    _hide(monkeypatch, missing)
    with (
        pytest.raises(MissingExtraError, match=r"pip install '\.\[web\]'"),
        serving_database(URL, FREE),
    ):
        pass


def test_a_module_of_ours_that_is_missing_is_no_missing_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _hide(monkeypatch, "pricetrail.web")
    with pytest.raises(ModuleNotFoundError), serving_database(URL, FREE):
        pass


def _hide(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    actual = builtins.__import__

    def absent(name: str, *arguments: Any, **more: Any) -> Any:
        if name == "pricetrail.web":
            raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)
        return actual(name, *arguments, **more)

    monkeypatch.setattr(builtins, "__import__", absent)


def test_the_command_line_comes_before_the_file() -> None:
    Path("pricetrail.toml").write_text('[web]\nhost = "::1"\nport = 1\n', encoding="utf-8")
    settings = web_settings(App(), None, 2, "/prices")
    assert (settings.host, settings.port, settings.root_path) == ("::1", 2, "/prices")
    assert web_settings(App(), None, 0, None).port == 0
