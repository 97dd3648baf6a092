"""`docs/restore.md`: every command of it, after a history was lost that had gone on."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.storage.schema import prepare
from tests.docs.guides import commands, played
from tests.jobs.stage import Stage, many, staged
from tests.pricetrail.commands.running import document, shown
from tests.support.postgres import Postgres
from tests.support.receivers import Receiver, receiving

pytestmark = pytest.mark.slow

PAGE = "restore.md"
SOURCES = ("pipellm", "openrouter")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


def configured(url: str, receiver: Receiver) -> None:
    text = f'database_url = "{url}"\n'
    text += "".join(
        f'[sources.{name}]\nurl = "http://localhost/"\napi_key = "x"\n' for name in SOURCES
    )
    text += f'[webhooks.prices]\nurl = "{receiver.url}"\nallow_private = true\nformat = "json"\n'
    text += 'secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]\n'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")


def polled(url: str, receiver: Receiver, days: int, *sizes: int) -> None:
    """A catalog of each size for both sources, from so many days after the first on."""
    hooks = {"prices": Webhook(name="prices", url=receiver.url, allow_private=True)}
    with staged(url, webhooks=hooks) as stage:
        stage.pass_time(days=days)
        for size in sizes:
            _poll_both(stage, size)


def _poll_both(stage: Stage, size: int) -> None:
    for name in SOURCES:
        stage.poll(many(size), name=name)


def play(heading: str, environ: dict[str, str]) -> str:
    return "".join(played(commands(PAGE, heading), environ))


def test_a_copy_of_an_sqlite_file_and_what_came_after_it(receiver: Receiver) -> None:
    url, environ = "sqlite:///prices.db", dict(os.environ)
    prepare(url)
    configured(url, receiver)
    polled(url, receiver, 0, 2, 3)
    copies = commands(PAGE, "Making copies")
    saved = list(played([line for line in copies if not line.startswith("pg_")][:3], environ))[1:]
    shown("deliver")
    delivered = receiver.ids.copy()
    polled(url, receiver, 1, 3, 4, 5)
    lost = [document("head", "--source", name) for name in SOURCES]
    events = document("events", "--source", "pipellm")

    play("From a copy of an SQLite file", environ)
    assert "pipellm: 2 versions" in play("Verify every source", environ)
    for name, head in zip(SOURCES, saved, strict=True):
        assert "the saved head is this one" in shown(
            "verify", "--source", name, "--head", head.strip()
        )
    # Owed in the copy, and sent since.
    receiver.requests.clear()
    shown("deliver")
    assert receiver.ids == delivered
    assert len(delivered) == 2

    play("What came after the copy", environ)
    assert [document("head", "--source", name) for name in SOURCES] == lost
    assert document("events", "--source", "pipellm") == events
    assert "pipellm: 4 versions" in play("Verify every source", environ)
    receiver.requests.clear()
    shown("deliver")
    assert receiver.ids == []


def test_a_dump_of_postgres_and_the_same_events_found_again(
    postgres_server: Postgres, receiver: Receiver
) -> None:
    environ = {
        **os.environ,
        "PATH": f"{postgres_server.binaries}:{os.environ['PATH']}",
        "PGHOST": str(postgres_server.folder),
        "PGPORT": str(postgres_server.port),
        "PGUSER": "postgres",
    }
    postgres_server.create("prices")
    try:
        _restored_from_a_dump(postgres_server, receiver, environ)
    finally:
        for name in ("prices", "restored"):
            postgres_server.drop(name)


def _restored_from_a_dump(server: Postgres, receiver: Receiver, environ: dict[str, str]) -> None:
    url = server.url("prices")
    prepare(url)
    configured(url, receiver)
    polled(url, receiver, 0, 2, 3)
    copies = commands(PAGE, "Making copies")
    [*_] = played([line for line in copies if line.startswith("pg_")], environ)
    polled(url, receiver, 1, 4)
    events = document("events", "--source", "pipellm")["events"]

    restoring = commands(PAGE, "From a Postgres dump")
    [*_] = played([line for line in restoring if not line.startswith("pricetrail")], environ)
    configured(server.url("restored"), receiver)
    assert "schema 0" in play_last(restoring, environ)
    assert "pipellm: 2 versions" in play("Verify every source", environ)
    assert len(document("events", "--source", "pipellm")["events"]) == len(events) - 1
    # Polled at another time, by nobody's memory but the copy's.
    polled(server.url("restored"), receiver, 2, 4)
    again = document("events", "--source", "pipellm")["events"]
    assert [event["data"]["id"] for event in again] == [event["data"]["id"] for event in events]


def play_last(lines: list[str], environ: dict[str, str]) -> str:
    [*_, last] = played(lines[-1:], environ)
    return last
