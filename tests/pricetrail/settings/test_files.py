"""Where the configuration and the database are, from whatever folder a command is run."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pricetrail.catalog.strict_json import dumps
from pricetrail.settings.database import database_url
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.loading import load
from pricetrail.storage.sqlite_files import sqlite_path
from tests.pricetrail.commands.running import refused, run, shown
from tests.support.histories import catalog, model

pytestmark = pytest.mark.slow

SOURCE = """
[sources.s]
url = "https://gateway.example.com/v1/models"
api_key = "file:key"
ca_file = "own.pem"
"""
LINE = '{{"observed_at":"2026-11-01T10:00:00Z","payload":{}}}\n'


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def observations(tmp_path: Path) -> str:
    path = tmp_path / "history.jsonl"
    path.write_text(LINE.format(dumps(catalog(model("gpt-5")))), encoding="utf-8")
    return str(path)


def configured(folder: str, text: str = SOURCE) -> Path:
    Path(folder).mkdir()
    Path(folder, "key").write_text("sk-1\n", encoding="utf-8")
    path = Path(folder, "pricetrail.toml")
    path.write_text(text, encoding="utf-8")
    return path.absolute()


def databases() -> list[str]:
    return sorted(str(path) for path in Path().rglob("*.db"))


@pytest.mark.parametrize(
    ("by", "url"),
    [
        ("option", None),
        ("environment", None),
        ("relative option", None),
        ("relative option", "sqlite:///pricetrail.db"),
        ("environment", "sqlite:///./pricetrail.db"),
    ],
)
def test_one_history_lies_beside_the_configuration_from_every_folder(
    observations: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str | None, by: str
) -> None:
    text = SOURCE if url is None else f'database_url = "{url}"\n{SOURCE}'
    path = configured("etc", text)
    first: list[str] = []
    if by == "environment":
        monkeypatch.setenv("PRICETRAIL_CONFIG", str(path))
    for folder in ("etc", "cron", "cron/below"):
        Path(tmp_path, folder).mkdir(exist_ok=True)
        monkeypatch.chdir(tmp_path / folder)
        named = os.path.relpath(path) if by == "relative option" else str(path)
        arguments = [] if by == "environment" else ["--config", named]
        code, _, err = run(*arguments, "import", observations)
        assert code == 0, err
        first.append(err)
    monkeypatch.chdir(tmp_path)
    assert databases() == ["etc/pricetrail.db"]
    made = f"made a new database: {tmp_path / 'etc' / 'pricetrail.db'}"
    assert [made in err for err in first] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "environ"),
    [
        ('database_url = "env:WHERE"\n', {"WHERE": "sqlite:///p.db"}),
        ('database_url = "file:url"\n', {}),
        ("", {"PRICETRAIL_DATABASE_URL": "sqlite:///p.db"}),
        ("", {"PRICETRAIL_DATABASE_URL": "file:url"}),
        ('database_url = "sqlite:///file:p.db?uri=true&mode=rwc"\n', {}),
    ],
)
def test_a_relative_path_lies_beside_the_file_wherever_it_was_written(
    text: str, environ: dict[str, str]
) -> None:
    path = configured("etc", text)
    Path("etc/url").write_text("sqlite:///p.db\n", encoding="utf-8")
    assert sqlite_path(database_url(path, environ)) == str(path.parent / "p.db")
    found = database_url(None, environ | {"PRICETRAIL_CONFIG": str(path)})
    assert sqlite_path(found) == str(path.parent / "p.db")


def test_every_path_of_the_configuration_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = configured("etc")
    monkeypatch.chdir("/")
    source = load(path, {}).sources["s"]
    assert source.api_key == "sk-1"
    assert source.ca_file == str(tmp_path / "etc" / "own.pem")


def test_without_a_file_the_database_lies_in_the_current_folder(
    observations: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("one", "two"):
        Path(tmp_path, folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        _, _, err = run("import", observations)
        assert f"made a new database: {tmp_path / folder / 'pricetrail.db'}" in err
    assert "made" not in run("import", observations)[2]


def test_an_absolute_path_and_a_server_stay_where_they_are(tmp_path: Path) -> None:
    for url in (f"sqlite:///{tmp_path}/abs.db", "postgresql+psycopg://u:p%40ss@h/db"):
        path = configured(f"etc{len(url)}", f'database_url = "{url}"\n')
        assert database_url(path, {}) == url
        assert database_url(None, {"PRICETRAIL_DATABASE_URL": url}) == url


_MAKERS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "init": lambda _: ("init",),
    "import": lambda observations: ("import", observations),
    "upgrade": lambda _: ("db", "upgrade"),
    "poll": lambda _: ("poll",),
}


@pytest.mark.parametrize("umask", [0o022, 0o000, 0o077])
@pytest.mark.parametrize("maker", _MAKERS)
def test_who_makes_a_database_says_where_and_keeps_it_from_others(
    observations: str, monkeypatch: pytest.MonkeyPatch, maker: str, umask: int
) -> None:
    monkeypatch.setenv("PIPELLM_API_KEY", "sk-1")
    monkeypatch.setenv("PRICETRAIL_URL", "http://127.0.0.1:1/v1/models")
    monkeypatch.setenv("PRICETRAIL_DEADLINE", "1s")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", "sqlite:///pricetrail.db")
    if maker == "init":
        monkeypatch.delenv("PRICETRAIL_URL")
        monkeypatch.delenv("PRICETRAIL_DEADLINE")
    os.umask(umask)
    _, _, err = run(*_MAKERS[maker](observations))
    assert f"made a new database: {Path('pricetrail.db').absolute()}" in err
    made = ["pricetrail.db", "pricetrail.toml"] if maker == "init" else ["pricetrail.db"]
    modes = {name: stat.S_IMODE(Path(name).stat().st_mode) for name in made}
    assert modes == dict.fromkeys(made, 0o600 & ~umask)


def test_a_backup_is_kept_from_others(observations: str) -> None:
    shown("import", observations)
    Path("pricetrail.db").chmod(0o644)
    shown("db", "backup", "copy.db")
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600


def test_init_writes_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("etc").mkdir()
    Path("cron").mkdir()
    monkeypatch.setenv("PRICETRAIL_CONFIG", str(tmp_path / "etc" / "prices.toml"))
    monkeypatch.chdir("cron")
    shown("init")
    monkeypatch.chdir(tmp_path)
    assert {path.name for path in Path("etc").iterdir()} == {"pricetrail.db", "prices.toml"}
    assert list(Path("cron").iterdir()) == []


@pytest.mark.parametrize("config", ["missing/p.toml", "file/p.toml", "a" * 256 + ".toml"])
def test_an_init_that_cannot_write_is_one_line(config: str) -> None:
    Path("file").touch()
    assert "cannot write" in refused(1, "--config", config, "init")
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_a_configuration_that_is_gone_is_an_error_and_no_new_history(
    observations: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PRICETRAIL_CONFIG", "/nowhere/pricetrail.toml")
    assert "/nowhere/pricetrail.toml" in refused(2, "import", observations)
    with pytest.raises(SettingsError):
        database_url(None, dict(os.environ))
    assert databases() == []
