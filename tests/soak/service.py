"""A real service with all that it does at once: polls, messages, failures, a page that is read."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx

from pricetrail.demo.gateway import Gateway
from tests.support.histories import model, tokens
from tests.support.receivers import Receiver, receiving, status
from tests.support.tree import ROOT

_SOURCE = """
[sources.s{number}]
url = "{url}"
api_key = "env:KEY"
schedule = "every {every}s"
failing_after = 2
max_price_ratio = 1000000
"""
_WEBHOOK = """
[webhooks.{name}]
url = "{url}/{name}"
allow_private = true
"""
_REFUSED = "http://127.0.0.1:9/v1/models"


@contextmanager
def running(
    folder: Path, database: str, sources: int, every: int, *, pages: bool = True
) -> Iterator[int]:
    """The process of a `run --web` with sources whose lists change all the time, one in five of
    which cannot be reached, and two webhooks that fail half the time; its pages may be read."""
    with ExitStack() as stack:
        gateway = stack.enter_context(Gateway(_models(0), key="k"))
        receiver = stack.enter_context(receiving())
        _configure(folder, database, gateway, receiver, sources, every)
        process = stack.enter_context(_service(folder, "--web"))
        address, ended = _address(folder), threading.Event()
        threads = [
            threading.Thread(target=_change, args=(gateway, ended)),
            threading.Thread(target=_fail, args=(receiver, ended)),
        ]
        if pages:
            threads.append(threading.Thread(target=_read, args=(address, ended)))
        for thread in threads:
            thread.start()
            stack.callback(thread.join)
        stack.callback(ended.set)
        yield process.pid


@contextmanager
def idling(folder: Path, database: str) -> Iterator[int]:
    """The process of a `run` with one source, which has been polled and is not due for an hour."""
    with Gateway(_models(0), key="k") as gateway, receiving() as receiver:
        _configure(folder, database, gateway, receiver, 1, 3600)
        with _service(folder) as process:
            while "version 1" not in (folder / "log").read_text(encoding="utf-8"):
                assert process.poll() is None
                time.sleep(0.1)
            yield process.pid


def _configure(
    folder: Path, database: str, gateway: Gateway, receiver: Receiver, sources: int, every: int
) -> None:
    urls = [_REFUSED if number % 5 == 4 else gateway.url for number in range(sources)]
    text = f'database_url = "{database}"\n\n[web]\nport = 0\n'
    text += "".join(_SOURCE.format(number=n, url=url, every=every) for n, url in enumerate(urls))
    text += "".join(_WEBHOOK.format(name=name, url=receiver.url) for name in ("calm", "weak"))
    (folder / "pricetrail.toml").write_text(text, encoding="utf-8")


@contextmanager
def _service(folder: Path, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "KEY": "k"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "pricetrail", "run", *options],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _address(folder: Path) -> str:
    for _ in range(600):
        said = (folder / "log").read_text(encoding="utf-8")
        found = [word for word in said.split() if word.startswith("http://127.0.0.1:")]
        if found:
            return found[0].rstrip("/.,;")
        time.sleep(0.1)
    raise AssertionError(f"the service says no address: {said}")


def _models(turn: int) -> list[dict[str, object]]:
    """Thirty models; one comes and goes, and one costs something else at each turn."""
    price = f"0.0000{1 + turn % 89:02}"
    models = [model(f"m{n:02}", tokens("0.000003", "0.00001")) for n in range(28)]
    models.append(model("changing", tokens(price, "0.00001")))
    return [*models, model("passing")] if turn % 2 else models


def _change(gateway: Gateway, ended: threading.Event) -> None:
    turn = 0
    while not ended.wait(3):
        turn += 1
        gateway.catalog = _models(turn)


def _fail(receiver: Receiver, ended: threading.Event) -> None:
    while not ended.wait(2):
        receiver.scripts[:] = [status(500)] * 2
        # Hours of them are kept nowhere.
        receiver.requests.clear()


def _read(address: str, ended: threading.Event) -> None:
    pages = ("/", "/models", "/events", "/metrics", "/feed.atom", "/api/v1/models?source=s0")
    turn = 0
    with httpx.Client(base_url=address, timeout=60) as client:
        while not ended.wait(1):
            turn += 1
            client.get(pages[turn % len(pages)], params={"source": "s0"} if turn % 2 else None)
