"""What systemd gets: each sign once, none that it does not expect, none after the end."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.jobs.supervisor import Supervisor
from tests.support.notify import Listener, listening


@pytest.fixture(params=["notify", "@pricetrail-test"])
def listener(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listener]:
    """A socket in a folder, and one in the abstract namespace."""
    name = request.param
    address = f"{name}-{os.getpid()}" if name[0] == "@" else str(tmp_path / name)
    with listening(address) as listener:
        yield listener


def test_it_is_ready_once_then_alive_and_at_the_end_nothing_more(listener: Listener) -> None:
    times = iter((100.0, 101.0, 129.0, 130.0, 131.0, 159.0, 160.5, 1000.0))
    supervisor = Supervisor(listener.address, 30, clock=times.__next__)
    supervisor.went_round("polling 2 sources")
    assert listener.heard() == ["READY=1\nSTATUS=polling 2 sources"]
    for _ in range(6):
        supervisor.went_round("polling 2 sources")
    assert listener.heard() == ["WATCHDOG=1", "WATCHDOG=1"]
    supervisor.ending()
    supervisor.went_round("polling 2 sources")
    assert listener.heard() == ["STOPPING=1\nSTATUS=finishing what is in hand"]


def test_a_reload_is_told_with_its_time(listener: Listener) -> None:
    supervisor = Supervisor(listener.address)
    before = time.monotonic_ns() // 1000
    supervisor.reloading()
    supervisor.reloaded("kept the old configuration")
    reloading, reloaded = listener.heard()
    first, _, at = reloading.partition("\nMONOTONIC_USEC=")
    assert first == "RELOADING=1"
    assert before <= int(at) <= time.monotonic_ns() // 1000
    assert reloaded == "READY=1\nSTATUS=kept the old configuration"


@pytest.mark.parametrize(
    ("environment", "signs"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 2),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "7"}, 2),
        ({"WATCHDOG_USEC": "20000000", "WATCHDOG_PID": "8"}, 0),
        ({"WATCHDOG_USEC": "nonsense"}, 0),
        ({}, 0),
    ],
)
def test_signs_of_life_are_given_where_they_are_expected(
    tmp_path: Path, environment: dict[str, str], signs: int
) -> None:
    with listening(str(tmp_path / "notify")) as listener:
        told = {"NOTIFY_SOCKET": listener.address, **environment}
        supervisor = Supervisor.of(told, 7)
        supervisor._clock = iter((1.0, 10.0, 11.0, 20.0, 21.0)).__next__
        for _ in range(5):
            supervisor.went_round("")
        assert listener.heard()[1:] == ["WATCHDOG=1"] * signs


@pytest.mark.parametrize("listener_is", ["not expected", "gone", "deaf"])
def test_who_listens_cannot_hold_up_the_service(tmp_path: Path, listener_is: str) -> None:
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
        if listener_is == "deaf":
            deaf.bind(str(address))
        supervisor = Supervisor("" if listener_is == "not expected" else str(address), 0)
        for _ in range(1000):
            supervisor.went_round("")
        supervisor.ending()
