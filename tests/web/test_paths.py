"""Ids in the paths of addresses lead back to themselves, as a browser makes addresses."""

import json
import re
from urllib.parse import unquote

import httpx
import pytest

from pricetrail.storage.database import Database
from pricetrail.web.paths import escaped
from tests.support.histories import build, catalog, model, tokens
from tests.support.html import read
from tests.web.conftest import MakeClient

IDS = (
    *("..", ".", "../x", "a/../b", "a/./b", "./a", "a/.", "a/", "a//b", "//evil.example", "a"),
    *("nl\nhere", "end\n", "end", "cr\rx", "a?b#c", "%2e%2e", "a%2Fb", "a\\..\\b", "a;b=c", "b"),
    *("price", "price/history", "v1/models", "*", "!a", "café", "cafe\u0301", "é" * 256, " lead "),
)


def as_a_browser(address: str) -> str:
    """A path after the steps in it were taken (https://url.spec.whatwg.org/#path-state)."""
    taken: list[str] = []
    for part in address.replace("\\", "/").split("/")[1:]:
        step = part.lower().replace("%2e", ".")
        if step == "..":
            taken = taken[:-1]
        elif step != ".":
            taken.append(part)
    return "/" + "/".join(taken)


@pytest.mark.parametrize("name", IDS)
def test_a_browser_asks_for_the_very_path(name: str) -> None:
    for path in (f"/model/{name}", f"/root/model/{name}"):
        assert unquote(as_a_browser(escaped(path))) == path
    assert httpx.URL(f"http://127.0.0.1{escaped(f'/model/{name}')}").path == f"/model/{name}"


def test_an_usual_id_keeps_its_slashes_and_colons() -> None:
    assert escaped("/model/openai/gpt-5:free@2026") == "/model/openai/gpt-5:free@2026"


def listed(database: Database) -> None:
    """Two sources with all of them, of which one model was dropped since."""
    first = [model(name) for name in (*IDS, "gone")]
    dearer = [model(name, tokens(f"0.0000{n + 10}", "0.00002")) for n, name in enumerate(IDS)]
    build(database, "one", [("10:00", catalog(*first)), ("11:00", catalog(*dearer))])
    build(database, "two", [("10:00", catalog(*first))])


def test_every_link_to_a_model_leads_to_it(site_client: MakeClient, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    listed(database)
    database.close()
    client = site_client(sqlite_url)
    for page in (
        "/catalog?source=one",
        "/compare?source=one&a=1&b=2",
        "/compare/sources?source=one",
    ):
        links = {
            link.get("href") or ""
            for link in read(client.get(page).text).all("a")
            if unquote(link.get("href") or "").startswith("/model/")
        }
        named = {unquote(link.partition("?")[0]).removeprefix("/model/") for link in links}
        assert named == {*IDS, *({"gone"} if page.startswith("/compare?") else ())}, page
    # Starlette's client decodes twice.
    for name in (name for name in IDS if "%" not in name):
        answer = client.get(f"{escaped(f'/model/{name}')}?source=one")
        assert answer.status_code == 200, name
        shown = json.loads(read(answer.text).one("pre").text)
        assert shown["id"].split() == name.split()
        for address in (f"/v1/models/{name}", f"/api/v1/models/{name}/price"):
            found = client.get(f"{escaped(address)}?source=one")
            assert found.status_code == 200, address
            assert name in (found.json().get("id"), found.json().get("model"))
        proof = client.get("/proof/bundle", params={"source": "one", "model": name})
        assert proof.status_code == 200, name


def test_a_model_that_is_gone_leads_to_its_last_document(
    site_client: MakeClient, sqlite_url: str
) -> None:
    database = Database(sqlite_url)
    listed(database)
    database.close()
    client = site_client(sqlite_url)
    page = read(client.get("/model/gone?source=one").text)
    (link,) = (link for link in page.all("a") if link.text == "JSON")
    answer = client.get(link.get("href") or "")
    assert (answer.status_code, answer.json()["id"]) == (200, "gone")
    assert re.search("at=2026-03-01T10", link.get("href") or "")
