"""What systemd is told of the service: that it has started, goes on, reloads and ends.

Each is a datagram to the socket that systemd names in `NOTIFY_SOCKET` (sd_notify(3)). Where nobody
listens nothing is sent, and where sending fails the service goes on: systemd notices that itself.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress


class Supervisor:
    """Tells systemd how the service is.

    Args:
        address: the socket's path; with `@` in front it lies in the abstract namespace. Empty
            where nobody listens.
        every: seconds between two signs of life, as seldom as they may be; None where systemd
            expects none.
    """

    def __init__(
        self,
        address: str = "",
        every: float | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = address
        self._every = every
        self._clock = clock
        self._lock = threading.Lock()
        self._ready = self._ending = False
        self._last = 0.0

    @classmethod
    def of(cls, environment: Mapping[str, str], process: int) -> "Supervisor":
        """As systemd has it in the environment of the process that it started."""
        meant = environment.get("WATCHDOG_PID", str(process)) == str(process)
        limit = environment.get("WATCHDOG_USEC", "") if meant else ""
        # Twice within the time that it allows, as systemd asks for.
        every = int(limit) / 2_000_000 if limit.isdecimal() else None
        return cls(environment.get("NOTIFY_SOCKET", ""), every)

    def went_round(self, status: str) -> None:
        """Everything that the service does by its clock was done once more.

        The first time it has started; from then on it is a sign of life.
        """
        with self._lock:
            first, self._ready = not self._ready, True
            now = self._clock()
            due = self._every is not None and now - self._last >= self._every
            if self._ending or not (first or due):
                return
            self._last = now
        self._send("READY=1", f"STATUS={status}") if first else self._send("WATCHDOG=1")

    def reloading(self) -> None:
        """The configuration is being read again; `reloaded` has to follow."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")

    def reloaded(self, status: str) -> None:
        """The configuration was read again, or the old one kept."""
        self._send("READY=1", f"STATUS={status}")

    def ending(self) -> None:
        """Nothing new is begun any more; there is no sign of life after it."""
        with self._lock:
            self._ending = True
        self._send("STOPPING=1", "STATUS=finishing what is in hand")

    def _send(self, *lines: str) -> None:
        if not self._address:
            return
        address = "\0" + self._address[1:] if self._address[0] == "@" else self._address
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            # A full queue is the listener's trouble: it must not hold up the service.
            sending.setblocking(False)
            sending.sendto("\n".join(lines).encode(), address)
