"""systemd's side of sd_notify(3): a socket that services tell how they are."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Listener:
    """What was told, a datagram each."""

    address: str
    receiving: socket.socket

    def heard(self) -> list[str]:
        """All that has come since it was last asked."""
        self.receiving.setblocking(False)
        found = []
        while True:
            try:
                found.append(self.receiving.recv(4096).decode())
            except BlockingIOError:
                return found

    def next(self, seconds: float = 60) -> str:
        """The next one, waited for."""
        self.receiving.settimeout(seconds)
        return self.receiving.recv(4096).decode()


@contextmanager
def listening(address: str) -> Iterator[Listener]:
    """A socket at a path, or in the abstract namespace (`@name`)."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiving:
        receiving.bind("\0" + address[1:] if address[0] == "@" else address)
        yield Listener(address, receiving)
