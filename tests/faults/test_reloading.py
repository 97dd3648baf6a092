"""SIGHUP, sent to real processes: services go on with the new configuration, commands end."""

import json
import re
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError

import pytest

from pricetrail.demo.gateway import Gateway
from pricetrail.storage.database import Database
from tests.jobs.stage import model
from tests.pricetrail.commands.running import made_up_history
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.receivers import receiving

pytestmark = pytest.mark.slow

# Whoever runs the tests may ignore it.
HEARS = "import os, signal\nsignal.signal(signal.SIGHUP, signal.SIG_DFL)\n"
# From here on one is waiting, as if it came before the command was known.
WAITS = f"""{HEARS}
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGHUP])
os.kill(os.getpid(), signal.SIGHUP)
"""
TOKENS = ("t0ken-of-before", "t0ken-of-after")


def running(*arguments: str, before: str = HEARS) -> Forked:
    """A process of the command line; `before` is code that it runs first."""
    return Forked(f"{before}\n{COMMAND_LINE}", *arguments)


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def reloaded(process: Forked, end: str) -> str:
    """Have the configuration read again; the line of the log that says so."""
    before = len(process.told())
    process.send_signal(signal.SIGHUP)
    wait_for(lambda: re.search(f"configuration (not )?reloaded.*{end}", process.told()[before:]))
    return process.told()[before:]


def status(address: str, token: str) -> int:
    request = urllib.request.Request(
        f"{address}api/v1/sources", headers={"Authorization": f"Bearer {token}"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            found: int = answer.status
    except HTTPError as error:
        found = error.code
    return found


def configuration(gateway: Gateway, token: str, more: str = "") -> None:
    text = f'[web]\nport = 0\ntokens = {{ team = "{token}" }}\n'
    text += f'[sources.a]\nurl = "{gateway.url}"\napi_key = "file:key"\nschedule = "@hourly"\n'
    Path("pricetrail.toml").write_text(text + more, encoding="utf-8")


@contextmanager
def configured(gateway: Gateway) -> Iterator[None]:
    """What a process begins with."""
    configuration(gateway, TOKENS[0])
    yield


def test_a_service_goes_on_by_what_it_reads_again() -> None:
    """A source and a webhook more, another token; then what is wrong, told and left alone."""
    Path("key").write_text("k")
    with (
        Gateway([model("m")], key="k") as gateway,
        receiving() as receiver,
        configured(gateway),
        running("--log-format", "json", "run", "--web", before=WAITS) as process,
    ):
        wait_for(lambda: "configuration reloaded: nothing changed" in process.told())
        wait_for(lambda: "source a: changed, version 1" in process.told())
        found = re.search(r"serving (http\S+)", process.told())
        assert found is not None
        assert [status(found[1], token) for token in TOKENS] == [200, 401]
        more = f'[sources.b]\nurl = "{gateway.url}"\napi_key = "file:key"\nfailing_after = 1\n'
        more += f'[webhooks.w]\nurl = "{receiver.url}"\nallow_private = true\n'
        # The gateway takes none of the keys that are known: what happens is told to the webhook.
        gateway.key = "other"
        configuration(gateway, TOKENS[1], more)
        told = reloaded(process, "tokens")
        assert "1 source added: b; 1 webhook added: w; web: tokens" in told
        assert [status(found[1], token) for token in TOKENS] == [401, 200]
        wait_for(lambda: receiver.requests)
        assert json.loads(receiver.requests[0].body)["type"] == "source.failing"
        for _ in range(20):
            process.send_signal(signal.SIGHUP)
        configuration(gateway, TOKENS[0], more.replace("file:key", "file:none") + "retries = 3\n")
        told = reloaded(process, "2 problems")
        assert "sources.b.api_key" in told
        assert "webhooks.w.retries" in told
        assert [status(found[1], token) for token in TOKENS] == [401, 200]
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGHUP)
        _, told = process.communicate()
    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert all(token not in told for token in TOKENS)


def test_the_page_alone_reads_its_table_again() -> None:
    made_up_history()
    with Gateway() as gateway, configured(gateway), running("web", before=WAITS) as process:
        wait_for(lambda: "configuration reloaded: nothing changed" in process.told())
        address = process.told().split()[1]
        configuration(gateway, TOKENS[1])
        reloaded(process, "web: tokens")
        assert [status(address, token) for token in TOKENS] == [401, 200]
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate()
    assert (process.returncode, told.endswith("stopped\n")) == (0, True), told


@pytest.mark.parametrize("before", [HEARS + "os.kill(os.getpid(), 0)", WAITS])
def test_a_question_ends_where_its_terminal_closes(before: str) -> None:
    made_up_history()
    hang = (
        "import pricetrail.storage.schema as schema, pathlib, time\n"
        "def hang(_database):\n    pathlib.Path('asked').touch(); time.sleep(60)\n"
        "schema.require = hang\n"
    )
    with running("snapshots", before=hang + before) as process:
        if before is not WAITS:
            wait_for(Path("asked").exists)
            process.send_signal(signal.SIGHUP)
        out, told = process.communicate()
    assert (process.returncode, out) == (1, "")
    assert told == "pricetrail: stopped by a signal before it was done\n"


def test_a_key_that_is_exchanged_while_polls_are_under_way(tmp_path: Path) -> None:
    """The gateway knows only the new key; its file is written after the configuration was read."""
    writes = (
        "import pathlib\nfrom pricetrail.jobs.polls import polling\n"
        "real = polling.Poller._asked\n"
        "def asked(*a):\n    pathlib.Path('key').write_text('new-key'); return real(*a)\n"
        "polling.Poller._asked = asked\n"
    )
    for command in ("poll", "run"):
        Path("key").write_text("old-key")
        with (
            Gateway([model("m")], key="new-key") as gateway,
            configured(gateway),
            running("--log-level", "info", command, before=HEARS + writes) as process,
        ):
            if command == "run":
                wait_for(lambda: "version 1" in process.told())
                process.send_signal(signal.SIGTERM)
            _, told = process.communicate()
            assert gateway.requests == 2
        assert process.returncode == 0
        assert "source a: changed, version 1" in told
        assert "source a: read again from its files: api_key" in told
        assert "old-key" not in told
        assert "new-key" not in told
        (tmp_path / "pricetrail.db").unlink()


def test_an_upgrade_under_a_service_ends_it() -> None:
    Path("key").write_text("k")
    with (
        Gateway([model("m")], key="k") as gateway,
        configured(gateway),
        running("run") as process,
    ):
        wait_for(lambda: "version 1" in process.told())
        database = Database("sqlite:///pricetrail.db")
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        database.close()
        _, told = process.communicate()
    assert process.returncode == 1
    assert "error the service stops: the database has schema 9999" in told
    assert told.rstrip().endswith("install the newer pricetrail")
