"""Who follows the event log: one look at the database a second for all of them."""

import logging
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager

import anyio
import anyio.to_thread

from pricetrail.catalog.errors import PricetrailError, UnavailableError
from pricetrail.catalog.strict_json import dumps, printable
from pricetrail.queries import event_pages
from pricetrail.queries.event_cursors import Question
from pricetrail.queries.event_pages import EventPage
from pricetrail.storage.database import Database
from pricetrail.storage.history.event_lanes import made
from pricetrail.text.log_fields import fields
from pricetrail.web.site import Site

log = logging.getLogger("pricetrail.web")

MOST_STREAMS = 100
# In seconds.
LOOK_EVERY, HEARTBEAT = 1.0, 15.0
_PAGE = 100


class Watch:
    """Whether there are more events than before, looked at while anybody follows.

    Who waits holds no thread, no transaction and no connection.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._made = -1
        self._looked_at = float("-inf")
        self._looking = False
        self._turn: anyio.CapacityLimiter | None = None
        self.streams = 0

    def require_room(self) -> None:
        """Refuse one more who wants to follow.

        Raises:
            UnavailableError: too many do already.
        """
        if self.streams >= MOST_STREAMS:
            raise UnavailableError(
                f"{MOST_STREAMS} streams are open already: try later, or ask /api/v1/events"
            )

    @contextmanager
    def place(self) -> Iterator[None]:
        """Be one of those who follow.

        Raises:
            UnavailableError: too many do already.
        """
        self.require_room()
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    async def read(self, page: Callable[[], EventPage]) -> EventPage:
        """Read a page of events, one at a time: those who follow leave the threads to others."""
        if self._turn is None:
            # It belongs to the loop that it is made in.
            self._turn = anyio.CapacityLimiter(1)
        return await anyio.to_thread.run_sync(page, limiter=self._turn)

    async def made(self) -> int:
        """How many events there are, as it was at most a second ago."""
        if not self._looking and time.monotonic() - self._looked_at >= LOOK_EVERY:
            self._looking = True
            try:
                self._made = await anyio.to_thread.run_sync(self._look)
            finally:
                self._looking, self._looked_at = False, time.monotonic()
        return self._made

    def _look(self) -> int:
        try:
            with self._database.read() as transaction:
                return made(transaction)
        except PricetrailError as error:
            log.warning("cannot look for new events: %s", error, extra=fields(error=str(error)))
            return self._made


class Follower:
    """One reader of the log, from a cursor on: gives what is to be sent, for ever.

    Args:
        begin: None for everything that the question asks for.
    """

    def __init__(self, site: Site, watch: Watch, question: Question, begin: str | None) -> None:
        self.watch = watch
        self._site, self._question = site, question
        self._cursor = begin

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Events as they are recorded, and a comment now and then; ends with the server."""
        try:
            yield b": pricetrail\n\n"
            quiet_since = time.monotonic()
            known = None
            while not self._site.stopping.is_set():
                there = await self.watch.made()
                if there != known:
                    page = await self.watch.read(self._page)
                    for entry in page.entries:
                        yield message(entry)
                    self._cursor = page.end
                    known = there if page.next is None else None
                    quiet_since = time.monotonic() if page.entries else quiet_since
                    continue
                if time.monotonic() - quiet_since >= HEARTBEAT:
                    yield b": still here\n\n"
                    quiet_since = time.monotonic()
                await anyio.sleep(LOOK_EVERY)
        except PricetrailError as error:
            # The reader comes back by itself, behind what it has received.
            log.warning("a stream of events ends: %s", error, extra=fields(error=str(error)))

    def _page(self) -> EventPage:
        return event_pages.ask(self._site.database, self._question, self._cursor, _PAGE)


def message(entry: event_pages.PagedEvent) -> bytes:
    """An event as one message of a stream; its id is the cursor behind it."""
    data = printable(dumps(entry.event.as_json()))
    return f"id: {entry.cursor}\ndata: {data}\n\n".encode()
