"""The head, what the last verification found, and the bundle that a form hands out."""

from collections.abc import Callable

import pytest

from pricetrail.catalog.saved_heads import SavedHead
from pricetrail.jobs.verifying import remember
from pricetrail.queries import evidence, head, verification
from pricetrail.storage.database import Database
from pricetrail.storage.sources import open_source
from tests.support.histories import at, build, catalog, hourly, model, tokens
from tests.support.html import Page, read
from tests.web.conftest import MakeClient

NAME = "openai/gpt-5:batch"
CHEAP = catalog(model(NAME, tokens("0.000001", "0.000002")))
DEAR = catalog(model(NAME))


@pytest.fixture
def recorded(sqlite_url: str) -> str:
    database = Database(sqlite_url)
    build(database, "s", hourly("10:00", [DEAR, CHEAP, CHEAP]))
    database.close()
    return sqlite_url


def get(make: MakeClient, url: str, path: str = "/proof") -> Page:
    response = make(url).get(path)
    assert response.status_code == 200, response.text
    return read(response.text)


def on(url: str, do: Callable[[Database], object]) -> None:
    database = Database(url, clock=lambda: at("20:00"))
    do(database)
    database.close()


def saved_of(url: str) -> str:
    database = Database(url)
    with database.read() as transaction:
        saved = str(head.ask(transaction, "s").saved)
    database.close()
    return saved


def test_the_head_stands_whole_with_how_to_save_it(site_client: MakeClient, recorded: str) -> None:
    shown = get(site_client, recorded)
    saved = saved_of(recorded)
    [copied] = shown.main.all("code", data_copy=saved)
    assert copied.text == saved
    assert shown.links["version 2"] == "/snapshot/2?source=s"
    commands = [code.get("data-copy") for code in shown.main.all("code")]
    assert "pricetrail head >> heads.txt" in commands
    assert 'pricetrail verify --head "$(tail -1 heads.txt)"' in commands
    assert "No verification has been recorded" in shown.main.text


def test_as_of_a_time_it_is_the_head_of_then(site_client: MakeClient, recorded: str) -> None:
    shown = get(site_client, recorded, "/proof?at=2026-03-01T10:30:00Z")
    assert "Of version 1, first seen 1 Mar 2026, 10:00 UTC" in shown.main.text
    assert shown.fields["at"] == "2026-03-01T10:30:00Z"


def verify(saved: SavedHead | None) -> Callable[[Database], object]:
    def verified(database: Database) -> object:
        with database.read() as transaction:
            answer = verification.ask(transaction, "s", saved)
        return remember(database, answer)

    return verified


def test_the_last_verification_is_told_with_what_it_rests_on(
    site_client: MakeClient, recorded: str
) -> None:
    on(recorded, verify(None))
    said = get(site_client, recorded).main.text
    assert "Checked 1 Mar 2026, 20:00 UTC: 2 versions, every hash and row correct" in said
    assert "this shows consistency only" in said
    assert "whoever can change one can change the other" in said

    on(recorded, verify(SavedHead(None, bytes.fromhex(saved_of(recorded)[-64:]))))
    on(recorded, lambda database: build(database, "s", [("14:00", DEAR)]))
    said = get(site_client, recorded).main.text
    assert "the saved head of version 2 found. 1 version came after." in said

    on(recorded, verify(SavedHead(1, bytes(32))))
    said = get(site_client, recorded).main.text
    assert "Broken when checked 1 Mar 2026, 20:00 UTC: version 1, head: the head" in said


def test_the_form_hands_out_what_the_command_writes(site_client: MakeClient, recorded: str) -> None:
    client = site_client(recorded)
    response = client.get("/proof/bundle", params={"model": NAME, "at": "2026-03-01T10:00:00Z"})
    database = Database(recorded)
    with database.read() as transaction:
        expected = evidence.ask(transaction, "s", NAME, at("10:00")).text
    database.close()
    assert response.text == expected + "\n"
    assert response.headers["content-disposition"] == (
        'attachment; filename="evidence-openai-gpt-5-batch-2026-03-01.json"'
    )


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("", 400, "name the model"),
        ("?model=other", 404, "other"),
        ("?model=openai/gpt-5:batch&at=2020-01-01", 404, "2020-01-01"),
        ("?model=openai/gpt-5:batch&at=x", 400, "at:"),
    ],
)
def test_what_cannot_be_proven_is_a_page_that_says_so(
    site_client: MakeClient, recorded: str, query: str, status: int, said: str
) -> None:
    response = site_client(recorded).get(f"/proof/bundle{query}")
    assert response.status_code == status
    assert said in read(response.text).main.text


def test_with_several_sources_the_commands_and_the_form_name_one(
    site_client: MakeClient, recorded: str
) -> None:
    on(recorded, lambda database: build(database, "two", [("10:00", CHEAP)]))
    shown = get(site_client, recorded, "/proof?source=two")
    assert shown.fields["source"] == "two"
    assert shown.main.all("code", data_copy="pricetrail head --source two >> heads.txt")


def test_before_the_first_version_there_is_no_head(
    site_client: MakeClient, sqlite_url: str
) -> None:
    assert "There is no head yet" in get(site_client, sqlite_url).main.text

    def opened(database: Database) -> object:
        with database.write() as transaction:
            return open_source(transaction, "new", at("10:00"))

    on(sqlite_url, opened)
    assert "new has no version yet" in get(site_client, sqlite_url).main.text
