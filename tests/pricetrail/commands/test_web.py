"""`pricetrail web` and `run --web`, each in a process of its own."""

import re
import signal
import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pricetrail.demo.gateway import Gateway
from tests.pricetrail.commands.running import made_up_history, refused
from tests.support.forks import COMMAND_LINE, Forked
from tests.support.histories import model

TOKEN = "t0ken-of-the-team"
WHOLE = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
# A fault of the server itself, some time after the start.
BREAKS = """
from pricetrail.web.connections import Server
async def on_tick(self, counter):
    if counter > 2:
        raise RuntimeError("s3cret")
    return False
Server.on_tick = on_tick
"""

# An end that never comes.
HANGS = """
import asyncio, sys
from pricetrail.web.connections import Server
async def shutdown(self, sockets=None):
    print("hanging", file=sys.stderr, flush=True)
    await asyncio.sleep(60)
Server.shutdown = shutdown
"""


@contextmanager
def serving(*arguments: str, before: str = "") -> Iterator[tuple[Forked, str]]:
    """The process, and the address that it tells."""
    with Forked(f"{before}\n{COMMAND_LINE}", *arguments) as process:
        yield process, _told(process, r"serving (http://\S+)")


def _told(process: Forked, pattern: str) -> str:
    for _ in range(600):
        if found := re.search(pattern, process.told()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(process.told())


def get(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:
        text: str = answer.read().decode()
    return text


def connect(address: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", int(address.split(":")[2].strip("/"))), 10)


def test_the_page_is_served_until_a_signal_whatever_is_open() -> None:
    made_up_history()
    with serving("web", "--port", "0") as (process, address), connect(address) as idle:
        assert "pricetrail" in get(address)
        idle.sendall(WHOLE)
        assert idle.recv(12) == b"HTTP/1.1 200"
        process.send_signal(signal.SIGTERM)
        out, told = process.communicate(10)
    assert (process.returncode, out) == (0, "")
    assert told == f"serving {address} until Ctrl-C\nstopped\n"


def test_a_second_signal_ends_it_at_once() -> None:
    made_up_history()
    with serving("web", "--port", "0", before=HANGS) as (process, address):
        assert get(f"{address}healthz")
        process.send_signal(signal.SIGTERM)
        _told(process, "(hanging)")
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 1


def test_without_a_database_there_is_nothing_to_show() -> None:
    assert "no database yet: run `pricetrail poll`" in refused(3, "web")
    assert not list(Path().iterdir())


@pytest.mark.parametrize("command", ["web", "run"])
def test_others_are_let_in_only_with_a_token(command: str) -> None:
    made_up_history()
    text = '[sources.s]\nurl = "http://127.0.0.1:1/v1/models"\napi_key = "k"\n'
    Path("pricetrail.toml").write_text(text, encoding="utf-8")
    options = ("--web",) if command == "run" else ()
    said = refused(2, command, *options, "--host", "0.0.0.0", "--port", "0")
    assert "0.0.0.0 can be reached by others, and no token is set: write web.tokens" in said


def test_with_a_token_it_binds_any_address(monkeypatch: pytest.MonkeyPatch) -> None:
    made_up_history()
    monkeypatch.setenv("PRICETRAIL_WEB_TOKEN", TOKEN)
    with serving("web", "--host", "0.0.0.0", "--port", "0") as (process, address):
        assert get(f"{address}healthz") == '{"status":"ok"}'
        asked = urllib.request.Request(address, headers={"Authorization": f"Bearer {TOKEN}"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert answer.status == 200
        assert TOKEN not in process.told()


def test_a_page_that_ends_by_itself_is_a_failure() -> None:
    made_up_history()
    with serving("web", "--port", "0", before=BREAKS) as (process, _):
        _, told = process.communicate(20)
    assert process.returncode == 1
    assert "error the page failed: RuntimeError" in told
    assert told.endswith("pricetrail: the page ended by itself: the log says why\n")
    assert "s3cret" not in told


def service(gateway: Gateway) -> None:
    Path("pricetrail.toml").write_text(
        f'[sources.s]\nurl = "{gateway.url}"\napi_key = "{gateway.key}"\n', encoding="utf-8"
    )


def test_beside_the_service_its_fault_stops_no_poll() -> None:
    with Gateway([model("a")]) as gateway:
        service(gateway)
        with serving("run", "--web", "--port", "0", before=BREAKS) as (process, _):
            _told(process, "(the page failed)")
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(20)
    assert process.returncode == 0
    assert told.endswith("info stopped: everything in hand was finished\n")


def test_beside_the_service_an_address_that_is_taken_is_told_before_a_poll() -> None:
    with Gateway([model("a")]) as gateway, socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        service(gateway)
        said = refused(1, "run", "--web", "--port", str(port))
    assert f"cannot listen on 127.0.0.1 port {port}: Address already in use" in said
