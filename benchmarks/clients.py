"""Readers in a process of their own, until its stdin ends: `python -m benchmarks.clients`.

Then it prints how many answers there were, how many of them were none, and the longest wait in s.
"""

import http.client
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from urllib.parse import urlsplit

PATHS = (
    "/",
    "/catalog",
    "/v1/models",
    "/timeline",
    "/api/v1/events?limit=50",
    "/model/family-3/model-000003",
)


@dataclass(slots=True)
class Waits:
    """What readers met."""

    answers: int = 0
    failures: int = 0
    longest: float = 0.0


@contextmanager
def reading(address: str, readers: int, pause: float) -> Iterator[Waits]:
    """So many readers ask while the body runs, each with a pause between; then what they met."""
    waits = Waits()
    command = [sys.executable, "-m", "benchmarks.clients", address, str(readers), str(pause)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield waits
        answers, failures, longest = process.communicate()[0].split()
        waits.answers, waits.failures, waits.longest = int(answers), int(failures), float(longest)


def main(address: str, readers: int, pause: float) -> None:
    """Ask until stdin ends."""
    stop, found = threading.Event(), [Waits() for _ in range(readers)]
    threads = [
        threading.Thread(target=_read, args=(address, number, pause, stop, waits), daemon=True)
        for number, waits in enumerate(found)
    ]
    for thread in threads:
        thread.start()
    print("reading", flush=True)
    sys.stdin.read()
    stop.set()
    for thread in threads:
        thread.join(60)
    print(
        sum(waits.answers for waits in found),
        sum(waits.failures for waits in found),
        max(waits.longest for waits in found),
    )


def _read(address: str, number: int, pause: float, stop: threading.Event, waits: Waits) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    # Not all at once.
    stop.wait(pause * number / 8)
    while not stop.is_set():
        began = perf_counter()
        connection.request("GET", PATHS[(waits.answers + number) % len(PATHS)])
        answer = connection.getresponse()
        answer.read()
        waits.longest = max(waits.longest, perf_counter() - began)
        waits.answers += 1
        waits.failures += answer.status != http.HTTPStatus.OK
        stop.wait(pause)
    connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
