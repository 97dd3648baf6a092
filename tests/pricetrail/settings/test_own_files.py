"""The files that pricetrail works with, each with what it is."""

import json
from pathlib import Path

import pytest

from pricetrail.settings.errors import SettingsError
from pricetrail.settings.own_files import KeptFile, database_files, kept_files, own_files
from pricetrail.settings.tables import raw_of
from pricetrail.settings.where import Where

CONFIG = """
database_url = "sqlite:///data/p.db"

[sources.s]
api_key = "file:key"
ca_file = "ca.pem"

[webhooks.w]
url = "env:URL"
secrets = ["file:old", "file:new"]
"""


def test_configuration_database_and_every_secret_are_named(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(CONFIG, encoding="utf-8")
    files = {(what, file) for what, file in own_files(path, {}) if file.is_absolute()}
    assert {
        ("the configuration", path),
        ("the file of sources.s.api_key", tmp_path / "key"),
        ("the file of sources.s.ca_file", tmp_path / "ca.pem"),
        ("the file of webhooks.w.secrets", tmp_path / "old"),
        ("the file of webhooks.w.secrets", tmp_path / "new"),
        ("the database", tmp_path / "data" / "p.db"),
        ("the database's wal", tmp_path / "data" / "p.db-wal"),
    } <= files


def test_what_the_database_keeps_names_files_too(tmp_path: Path) -> None:
    path = tmp_path / "p.toml"
    path.write_text(CONFIG, encoding="utf-8")
    where = Where.in_database(raw_of(path, {}), "sources", "s")
    table = {"api_key": "file:key", "url": "file:/run/url", "ca_file": "ca.pem", "etag": True}
    said = "of source s in the database"
    assert list(kept_files(where, json.dumps(table))) == [
        KeptFile(f"the file of api_key {said}", tmp_path / "key", is_secret=True),
        KeptFile(f"the file of url {said}", Path("/run/url"), is_secret=True),
        KeptFile(f"the file of ca_file {said}", tmp_path / "ca.pem", is_secret=False),
    ]
    for text in ("{}", '{"api_key":"env:file"}', '"file:', '["file:key"]'):
        assert list(kept_files(where, text)) == []


def test_without_a_file_the_usual_one_is_kept_free() -> None:
    files = dict(own_files(None, {}))
    assert files["the configuration"] == Path("pricetrail.toml")
    assert files["the database"] == Path("pricetrail.db")


def test_what_sqlite_puts_beside_a_link_is_beside_its_target(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "real.db")
    files = {file for _, file in database_files(f"sqlite:///{tmp_path}/link.db")}
    assert {tmp_path / "link.db-journal", tmp_path / "real.db-journal"} <= files


def test_of_a_server_the_key_files_count() -> None:
    url = "postgresql+psycopg://u@h/d?sslkey=/etc/k.pem&sslmode=require&passfile=/etc/pass"
    assert list(database_files(url)) == [
        ("the database's sslkey", Path("/etc/k.pem")),
        ("the database's passfile", Path("/etc/pass")),
    ]


def test_a_configuration_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(SettingsError, match=r"there is no gone\.toml"):
        list(own_files(Path("gone.toml"), {}))
