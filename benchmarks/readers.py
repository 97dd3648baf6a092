"""The page beside the polls: who waits for whom, and what very many requests leave behind."""

import http.client
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.catalogs import body, catalog, repriced
from benchmarks.clients import Waits, reading
from benchmarks.notes import note
from benchmarks.tables import Row, at_most, timed
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.serving import serving_database
from pricetrail.settings.web import WebSettings
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure

READERS = 8
# As people leave a page open, and as fast as they can.
_PAUSES = {"every 2 s": 2.0, "without a pause": 0.0}
_TURNS = 3
# What a gateway over a network takes to answer, in seconds: during it a poll only waits.
_NETWORK = 0.2
_PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")


def run(models: int, polls: int, requests: int) -> Iterator[Row]:
    """Polls of a service with its page, without readers and with them; then its memory."""
    note(f"{polls} polls of {models:,} models in turns, {READERS} readers")
    with _service(models) as (poll, address):
        alone: list[float] = []
        beside: dict[str, list[float]] = {name: [] for name in _PAUSES}
        met: dict[str, list[Waits]] = {name: [] for name in _PAUSES}
        for _ in range(_TURNS):
            alone += [timed(poll) for _ in range(polls)]
            for name, pause in _PAUSES.items():
                with reading(address, READERS, pause) as waits:
                    beside[name] += [timed(poll) for _ in range(polls)]
                met[name].append(waits)
        yield from _waits(alone, beside, met)
        note(f"{requests:,} requests")
        yield from _memory(address, requests)


def _waits(
    alone: list[float], beside: dict[str, list[float]], met: dict[str, list[Waits]]
) -> Iterator[Row]:
    base = statistics.median(alone)
    for name, took in beside.items():
        if any(waits.failures for waits in met[name]):
            raise AssertionError(f"a reader got no answer, {name}")
        goal = at_most(1.2) if _PAUSES[name] else None
        middle = statistics.median(took)
        what = f"{READERS} readers {name}"
        yield Row(f"a poll, {what}", middle / base, "x its time without", goal)
        bare = (middle - _NETWORK) / (base - _NETWORK)
        yield Row(f"a poll less the network, {what}", bare, "x its time without")
        yield Row(f"the longest poll, {what}", max(took), "s")
        longest = max(waits.longest for waits in met[name])
        yield Row(f"the longest wait of {what}", longest, "s")
    yield Row("the longest poll without readers", max(alone), "s")


@contextmanager
def _service(models: int) -> Iterator[tuple[Callable[[], None], str]]:
    """What polls once, each time with a change, and the address of the page in this process."""
    first = catalog(models)
    bodies = cycle([body(first), body(repriced(first, 0.01, seed=2))])

    def fetch(_source: Source, _etag: str | None, **_limits: object) -> Answer:
        time.sleep(_NETWORK)
        return Answer(200, next(bodies), None, False)

    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        ensure(database)
        source = Source(
            name="bench",
            url="http://localhost/",
            api_key="none",
            max_models=models + 1,
            # Made-up prices move by any factor.
            max_price_ratio=Decimal(10**12),
        )
        poller = Poller(database, {}, fetch=fetch)

        def poll() -> None:
            result = poller.poll(source)
            if result.outcome != "changed":
                raise AssertionError(f"the poll was {result.outcome}: {result.error}")

        poll()
        with serving_database(database.url, WebSettings(port=0)) as page:
            yield poll, page.address
        database.close()


def _memory(address: str, requests: int) -> Iterator[Row]:
    """Pages, answers that are unchanged, and errors: after a tenth of them, and after all."""
    resident = _resident
    if resident() is None:
        yield Row("memory", "is measured on Linux alone", "")
        return
    with nullcontext(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as client:
        etag = _ask(client, "/v1/models")[1]
        _mixed(client, etag, requests // 10)
        before = resident() or 0
        _mixed(client, etag, requests)
        client.close()
    grown = ((resident() or 0) - before) / 2**20
    yield Row(f"memory after {requests:,} more requests", grown, "MiB grown", at_most(16))


def _mixed(client: http.client.HTTPConnection, etag: str, requests: int) -> None:
    asked: list[tuple[str, dict[str, str], int]] = [
        ("/", {}, 200),
        *[("/v1/models", {"If-None-Match": etag}, 304)] * 6,
        ("/nowhere", {}, 404),
        ("/api/v1/nowhere", {}, 404),
        ("/v1/models?at=never-{}", {}, 400),
    ]
    for number in range(requests):
        path, headers, expected = asked[number % len(asked)]
        # Each error at an address of its own: what is kept by address would grow.
        status, _ = _ask(client, path.format(number), headers)
        if status != expected:
            raise AssertionError(f"{path} was {status}, not {expected}")


def _ask(
    client: http.client.HTTPConnection, path: str, headers: dict[str, str] | None = None
) -> tuple[int, str]:
    client.request("GET", path, headers=headers or {})
    answer = client.getresponse()
    answer.read()
    return answer.status, answer.headers.get("etag", "")


def _resident() -> int | None:
    """The bytes of this process that are in memory; None where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_SIZE
    except OSError:
        return None
