"""A backup that is put in a file's place while the page is open: its answers, at once."""

import shutil
from pathlib import Path

from pricetrail.storage.database import Database
from tests.support.histories import at, build, catalog, failed, model, poll, tokens
from tests.web.conftest import MakeClient

_ADDRESSES = ("/v1/models", "/catalog.csv", "/api/v1/models/m/price", "/feed.atom")


def record(url: str, prompt: str) -> None:
    database = Database(url)
    ones = [catalog(model("m", tokens(price, "0.1"))) for price in ("0.001", prompt)]
    build(database, "s", list(zip(("10:00", "11:00"), ones, strict=True)))
    database.close()


def test_no_answer_is_of_the_file_that_was_there_before(
    site_client: MakeClient, sqlite_url: str, tmp_path: Path
) -> None:
    path, backup = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    shutil.copy(path, backup)
    record(f"sqlite:///{backup}", "0.0044")
    record(sqlite_url, "0.0055")
    client = site_client(sqlite_url)
    told = {address: client.get(address) for address in _ADDRESSES}
    again = [client.get(a, headers={"if-none-match": b.headers["etag"]}) for a, b in told.items()]
    assert {answer.status_code for answer in again} == {304}
    backup.replace(path)
    for address, before in told.items():
        assert "0.0055" in before.text
        after = client.get(address, headers={"if-none-match": before.headers["etag"]})
        assert (after.status_code, "0.0044" in after.text) == (200, True), address


def test_gaps_are_those_of_the_file_that_is_there(
    site_client: MakeClient, sqlite_url: str, tmp_path: Path
) -> None:
    path, backup = Path(sqlite_url.removeprefix("sqlite:///")), tmp_path / "backup.db"
    record(sqlite_url, "0.0055")
    shutil.copy(path, backup)
    database = Database(sqlite_url)
    failed(database, "s", "12:00", "the old file broke")
    poll(database, "s", "13:00", catalog(model("m")))
    client = site_client(sqlite_url, clock=lambda: at("14:00"))
    addresses = ("/model/m", "/coverage?month=2026-03")
    for address in addresses:
        assert "the old file" in client.get(address).text, address
    backup.replace(path)
    # As many polls, at the same times.
    failed(database, "s", "12:00", "another one")
    poll(database, "s", "13:00", catalog(model("m")))
    database.close()
    for address in addresses:
        told = client.get(address).text
        assert ("another one" in told, "the old file" in told) == (True, False), address


def test_a_file_that_is_gone_is_said_and_comes_back(
    site_client: MakeClient, sqlite_url: str
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    record(sqlite_url, "0.0055")
    client = site_client(sqlite_url)
    etag = client.get("/v1/models").headers["etag"]
    away = path.rename(f"{path}.away")
    gone = client.get("/v1/models", headers={"if-none-match": etag})
    assert (gone.status_code, "is gone" in gone.json()["detail"]) == (503, True)
    assert client.get("/").status_code == client.get("/readyz").status_code == 503
    assert not path.exists()
    away.rename(path)
    assert client.get("/v1/models", headers={"if-none-match": etag}).status_code == 304
    assert client.get("/").status_code == 200
