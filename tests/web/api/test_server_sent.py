"""A stream ends with its reader, and is not held up by one that takes nothing."""

import anyio
import pytest
from starlette.types import Message

from pricetrail.catalog.errors import UnavailableError
from pricetrail.queries.event_cursors import Question
from pricetrail.storage.database import Database
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.api import following, server_sent
from pricetrail.web.api.following import Follower, Watch
from pricetrail.web.api.server_sent import EventStream
from pricetrail.web.site import Site
from tests.web.api.recordings import two_sources

SCOPE = {"type": "http"}


@pytest.fixture
def site(sqlite_url: str) -> Site:
    database = Database(sqlite_url)
    two_sources(database)
    return Site(database=database, hosts=Hosts("127.0.0.1"))


async def never() -> Message:
    await anyio.sleep_forever()
    raise AssertionError


def test_a_reader_that_takes_nothing_is_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_sent, "PATIENCE", 0.05)
    watch = Watch(site.database)
    taken: list[Message] = []

    async def send(message: Message) -> None:
        if len(taken) == 3 and message.get("more_body"):
            assert watch.streams == 1
            await anyio.sleep_forever()
        taken.append(message)

    stream = EventStream(Follower(site, watch, Question(), None))
    anyio.run(stream, SCOPE, never, send)
    assert watch.streams == 0
    assert [message.get("more_body") for message in taken] == [None, True, True, False]


def test_a_reader_that_goes_is_noticed_while_nothing_happens(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LOOK_EVERY", 60.0)
    watch = Watch(site.database)
    sent = 0

    async def send(message: Message) -> None:
        nonlocal sent
        sent += message["type"] == "http.response.body"

    async def receive() -> Message:
        while sent < 5:
            await anyio.sleep(0.01)
        return {"type": "http.disconnect"}

    anyio.run(EventStream(Follower(site, watch, Question(), None)), SCOPE, receive, send)
    assert watch.streams == 0


def test_a_head_is_no_stream(site: Site) -> None:
    taken: list[Message] = []

    async def send(message: Message) -> None:
        taken.append(message)

    stream = EventStream(Follower(site, Watch(site.database), Question(), None), only_head=True)
    anyio.run(stream, SCOPE, never, send)
    assert [message.get("body") for message in taken] == [None, b""]


def test_who_comes_at_once_with_many_gets_no_place_beyond_the_last(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_STREAMS", 3)
    watch, begun, refused = Watch(site.database), 0, 0

    async def send(message: Message) -> None:
        nonlocal begun
        begun += message["type"] == "http.response.start"

    async def follow() -> None:
        nonlocal refused
        watch.require_room()
        await anyio.sleep(0.01)
        try:
            await EventStream(Follower(site, watch, Question(), None))(SCOPE, never, send)
        except UnavailableError:
            refused += 1

    async def crowd() -> None:
        with anyio.move_on_after(0.5):
            async with anyio.create_task_group() as tasks:
                for _ in range(5):
                    tasks.start_soon(follow)

    anyio.run(crowd)
    assert (begun, refused, watch.streams) == (3, 2, 0)


def test_nothing_more_is_sent_to_who_has_gone(site: Site) -> None:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def gone() -> Message:
        while len(sent) < 3:
            await anyio.lowlevel.checkpoint()
        return {"type": "http.disconnect"}

    stream = EventStream(Follower(site, Watch(site.database), Question(), None))
    anyio.run(stream, SCOPE, gone, send)
    assert len(sent) < 6
