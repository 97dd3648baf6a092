"""What a fetch that finds nothing new costs us, by how it is made and how many are open at once."""

import asyncio
import http.client
import multiprocessing
import resource
import ssl
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from benchmarks.fleet_gateway import Fleet, FleetGateway, fleet_gateway
from benchmarks.notes import note
from benchmarks.tables import Row, at_most
from pricetrail.jobs.polls.gateway import fetch
from pricetrail.jobs.source import Source
from pricetrail.net.connections import Connection

AT_ONCE = (8, 64, 256)
# Fetches for each that is open at once, and at the least.
EACH, LEAST = 4, 256
# What takes longer by the square of how many are open is measured once where they are more.
_FEW = 64
ROUNDS = 2
# Seconds that gateways take to answer; the last while all that are open are looked at.
_QUICK, _SLOW, HELD = 0.001, 0.3, 3.0
_UNIT = "x a bare GET over a kept connection"

Asked = list[tuple[Source, str]]
Way = Callable[[Asked, int], None]


def run(
    at_once: tuple[int, ...] = AT_ONCE,
    each: int = EACH,
    rounds: int = ROUNDS,
    held: float = HELD,
    least: int = LEAST,
) -> Iterator[Row]:
    """A row for each way, over http and https: processor time of ours, the gateway's left out."""
    most = at_once[-1]
    sources = max(most * each, least)
    for tls in (False, True):
        scheme = "https" if tls else "http"
        with fleet_gateway(Fleet(sources, sources, tls=tls, delay=_QUICK)) as gateway:
            for number in at_once:
                turns = rounds if number <= _FEW else 1
                costs = _costs(gateway, number, max(number * each, least), turns)
                yield from _rows(f"{scheme}, {number} at once", costs)
    with fleet_gateway(Fleet(most, most, tls=True, delay=_SLOW)) as gateway:
        what = f"https, {most} at once, answered after {_SLOW} s"
        yield from _rows(what, _costs(gateway, most, most, 1))
    with fleet_gateway(Fleet(most, most, tls=True, delay=held)) as gateway:
        for name in ("pricetrail", "AsyncClient"):
            grown = _held(WAYS[name], _asked(gateway, most), held)
            yield Row(f"memory of an open fetch, https, {most} at once: {name}", grown, "KiB")


def _rows(what: str, costs: dict[str, float]) -> Iterator[Row]:
    note(f"{what}: {1 / costs['pricetrail']:,.0f} fetches a second of a core")
    for name, cost in costs.items():
        if name != "bare":
            goal = at_most(5) if name == "pricetrail" else None
            yield Row(f"{what}: {name}", cost / costs["bare"], _UNIT, goal)


def _costs(gateway: FleetGateway, at_once: int, fetches: int, rounds: int) -> dict[str, float]:
    """Seconds of the processors that a fetch takes of us, the median of rounds in turn.

    Raises:
        AssertionError: not all of them were answered that nothing is new.
    """
    note(f"{gateway.url(0)}: {at_once} at once")
    asked = _asked(gateway, fetches)
    found: dict[str, list[float]] = {name: [] for name in WAYS}
    before = gateway.served().not_modified
    for _ in range(rounds):
        for name, way in WAYS.items():
            start = time.process_time()
            way(asked, at_once)
            found[name].append((time.process_time() - start) / fetches)
    if gateway.served().not_modified - before != rounds * len(WAYS) * fetches:
        raise AssertionError(f"not all were answered: {gateway.served()}")
    return {name: statistics.median(costs) for name, costs in found.items()}


def _asked(gateway: FleetGateway, fetches: int) -> Asked:
    """Sources, and the ETags that they are asked with: those of catalogs that never changed."""
    return [
        (
            Source(
                name=f"s{number}",
                url=gateway.url(number),
                api_key=gateway.key(number),
                ca_file=gateway.ca_file,
            ),
            f'"{gateway.catalog(number)}-0"',
        )
        for number in range(fetches)
    ]


def _headers(source: Source, etag: str, connection: str = "keep-alive") -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Authorization": f"Bearer {source.api_key}",
        "Connection": connection,
        "If-None-Match": etag,
    }


def _in_threads(one: Callable[[tuple[Source, str]], object], asked: Asked, at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(one, asked))


def _shares(share: Callable[[Asked], object], asked: Asked, at_once: int) -> None:
    with ThreadPoolExecutor(at_once) as threads:
        list(threads.map(share, [asked[number::at_once] for number in range(at_once)]))


@cache
def _context(ca_file: str | None) -> ssl.SSLContext:
    """Made once, as ours is: it costs more than many fetches."""
    return ssl.create_default_context(cafile=ca_file)


def _bare(asked: Asked, at_once: int) -> None:
    context = _context(asked[0][0].ca_file)

    def share(asked: Asked) -> None:
        if not asked:
            return
        host = urlsplit(asked[0][0].url).netloc
        to = http.client.HTTPConnection(host)
        if asked[0][0].url.startswith("https"):
            to = http.client.HTTPSConnection(host, context=context)
        for source, etag in asked:
            to.request("GET", urlsplit(source.url).path, headers=_headers(source, etag))
            to.getresponse().read()
        to.close()

    _shares(share, asked, at_once)


def _ours(asked: Asked, at_once: int) -> None:
    _in_threads(lambda one: fetch(*one), asked, at_once)


def _new(asked: Asked, at_once: int) -> None:
    def one(asked: tuple[Source, str]) -> None:
        source, etag = asked
        headers = _headers(source, etag, "close")
        with (
            Connection(source.url, allow_private=True, ca_file=source.ca_file) as to,
            to.exchange("GET", headers, seconds=60) as answer,
        ):
            list(answer.iter_raw())

    _in_threads(one, asked, at_once)


def _client(asked: Asked, at_once: int) -> None:
    context = _context(asked[0][0].ca_file)

    def share(asked: Asked) -> None:
        with httpx.Client(verify=context, timeout=60, trust_env=False) as client:
            for source, etag in asked:
                client.get(source.url, headers=_headers(source, etag))

    _shares(share, asked, at_once)


def _async_client(asked: Asked, at_once: int) -> None:
    async def all_of_it() -> None:
        left = iter(asked)
        limits = httpx.Limits(max_connections=at_once, max_keepalive_connections=at_once)
        async with httpx.AsyncClient(
            verify=_context(asked[0][0].ca_file), limits=limits, timeout=60, trust_env=False
        ) as client:

            async def work() -> None:
                for source, etag in left:
                    await client.get(source.url, headers=_headers(source, etag))

            await asyncio.gather(*(work() for _ in range(at_once)))

    asyncio.run(all_of_it())


WAYS: dict[str, Way] = {
    "bare": _bare,
    "pricetrail": _ours,
    "a new connection each": _new,
    "httpx.Client a thread": _client,
    "AsyncClient": _async_client,
}


def _held(way: Way, asked: Asked, held: float) -> float:
    """The KiB by which a process of its own grows for each fetch that is open."""
    spawning = multiprocessing.get_context("spawn")
    receiving, sending = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_grow, args=(sending, way, asked, held), daemon=True)
    process.start()
    sending.close()
    try:
        grown: float = receiving.recv()
        return grown
    finally:
        process.kill()
        process.join()
        process.close()
        receiving.close()


def _grow(sending: Pipe, way: Way, asked: Asked, held: float) -> None:
    way(asked[:1], 1)
    before = _resident()
    threading.Thread(target=partial(way, asked, len(asked)), daemon=True).start()
    time.sleep(held * 2 / 3)
    sending.send((_resident() - before) / len(asked))


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024
