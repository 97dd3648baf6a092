"""The page that checks a bundle: what is proven and what only said, and nothing that breaks it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from pricetrail.queries import evidence
from pricetrail.storage.database import Database
from tests.support.histories import build, catalog, hourly, model, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

DEAR, CHEAP = catalog(model("a")), catalog(model("a", tokens("0.000001", "0.000002")))
Recording = Callable[[Database], object]
EVIL = "<script>alert(1)</script>\u202e"


def _changed_once(database: Database) -> None:
    build(database, "s", hourly("10:00", [DEAR, CHEAP, CHEAP]))


@pytest.fixture
def bundle(sqlite_url: str) -> Iterator[evidence.EvidenceAnswer]:
    """What proves the price as it was last seen."""
    database = Database(sqlite_url)
    _changed_once(database)
    with database.read() as transaction:
        yield evidence.ask(transaction, "s", "a")
    database.close()


@pytest.fixture
def client(site_client: MakeClient) -> TestClient:
    return site_client()


def post(
    client: TestClient,
    content: str | bytes,
    head: str = "",
    name: str = "b.json",
    status: int = 200,
) -> Page:
    files = {"bundle": (name, content, "application/json")}
    response = client.post("/proof/check", data={"head": head}, files=files)
    assert response.status_code == status, response.text
    assert response.headers["cache-control"] == "no-store"
    for hidden in ("<script>", "\u202e", "Traceback", "style="):
        assert hidden not in response.text
    return read(response.text)


def test_the_form_works_without_script(client: TestClient) -> None:
    [form] = read(client.get("/proof/check").text).main.all("form")
    assert (form.get("method"), form.get("action")) == ("post", "/proof/check")
    assert form.get("enctype") == "multipart/form-data"
    labels = [label.text for label in form.all("label")]
    assert [label.partition(" (")[0] for label in labels] == ["Bundle", "Saved head"]


def test_with_a_saved_head_it_says_what_is_proven(
    client: TestClient, bundle: evidence.EvidenceAnswer
) -> None:
    shown = post(client, bundle.text, str(bundle.head))
    assert shown.headings[0] == "h1 Proven by the saved head of version 2"
    assert shown.table("Prices")[1] == ["completion", "$2.00 /1M", "0.000002 USD/token"]
    lines = [item.text for item in shown.main.all("li")]
    assert lines[0] == "version 2 of s listed a, with the prices given"
    assert "that the gateway told the truth" in lines
    # What one gave is there for the next one.
    assert shown.fields["head"] == str(bundle.head)


def test_without_a_head_nothing_is_proven(
    client: TestClient, bundle: evidence.EvidenceAnswer
) -> None:
    shown = post(client, bundle.text)
    assert shown.headings[0] == "h1 Consistent, but not proven"
    assert "Nothing: without a saved head" in shown.main.text
    assert "version 2 of s listed a, with the prices given" in shown.main.text


def test_another_head_or_another_price_does_not_hold(
    client: TestClient, bundle: evidence.EvidenceAnswer
) -> None:
    shown = post(client, bundle.text, "sha256:" + "ab" * 32)
    assert shown.headings[0] == "h1 It does not hold"
    assert "is not in this chain" in shown.main.text
    forged = bundle.text.replace('"amount":"0.000001"', '"amount":"0.000009"')
    assert forged != bundle.text
    assert "the prices are not those of the document" in post(client, forged).main.text


@pytest.mark.parametrize(
    ("content", "head", "said"),
    [
        (b"", "", "Choose a bundle first"),
        (b"\xff", "", "This file is not a bundle (not UTF-8 at byte 0)."),
        (b"[" * 100_000, "", "This file is not a bundle (JSON nested too deeply)."),
        (b"PK", "", "This file is not a bundle (not valid JSON)."),
        (b'{"a":1,"a":2}', "", "appears twice"),
        (b"{}", f"{EVIL}", "is not a head: write sha256:"),
    ],
)
def test_what_cannot_be_checked_is_said_in_the_form(
    client: TestClient, content: bytes, head: str, said: str
) -> None:
    assert said in post(client, content, head, status=400).main.text


@pytest.mark.parametrize("content", [b"null", b"[]", b'"x"', b"{}", b"1e300", b'{"format": []}'])
def test_any_other_json_does_not_hold(client: TestClient, content: bytes) -> None:
    assert "1 check failed" in post(client, content).main.text


def test_names_from_outside_are_inert_and_long_lists_are_cut(
    client: TestClient, bundle: evidence.EvidenceAnswer
) -> None:
    document: dict[str, Any] = json.loads(bundle.text)
    document["claim"]["model"] = EVIL * 50
    document["chain"]["links"] *= 200
    shown = post(client, json.dumps(document), name=f"{EVIL}.json")
    assert "alert(1)" in shown.main.text
    assert len(shown.main.all("li")) == 51
    assert "more" in shown.main.all("li")[-1].text


def test_a_form_that_is_none_is_refused(client: TestClient) -> None:
    assert client.post("/proof/check").status_code == 400
    twice = [("bundle", ("a.json", b"{}")), ("bundle", ("b.json", b"{}"))]
    assert client.post("/proof/check", files=twice).status_code == 400
    plain = client.post("/proof/check", data={"bundle": "{}", "head": ""})
    assert plain.status_code == 400
    cut = client.post(
        "/proof/check",
        content=b"--x\r\n",
        headers={"content-type": "multipart/form-data; boundary=x"},
    )
    assert cut.status_code == 400


def test_more_than_is_read_is_refused(client: TestClient) -> None:
    large = client.post("/proof/check", files={"bundle": ("a.json", b" " * (17 * 2**20))})
    assert large.status_code == 413
