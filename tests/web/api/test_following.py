"""Who follows the log gets each event once, and holds nothing while there is none."""

import json
from collections.abc import Iterator

import httpx
import pytest

from pricetrail.storage.database import Database
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.api import following
from pricetrail.web.server import address, listen, serving
from pricetrail.web.site import Site
from tests.support.histories import catalog, model, poll
from tests.web.api.recordings import two_sources
from tests.web.conftest import MakeClient

STREAM = "api/v1/events/stream"


@pytest.fixture
def site(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(following, "LOOK_EVERY", 0.02)
    monkeypatch.setattr(following, "HEARTBEAT", 5.0)
    database = Database(sqlite_url)
    two_sources(database)
    yield Site(database=database, hosts=Hosts("127.0.0.1"))
    database.close()


@pytest.fixture
def served(site: Site) -> Iterator[httpx.Client]:
    listening = listen("127.0.0.1", 0)
    with (
        serving(site, listening),
        httpx.Client(base_url=address(listening), timeout=20, trust_env=False) as client,
    ):
        yield client


def messages(lines: Iterator[str], number: int) -> list[tuple[str, dict[str, object]]]:
    """The next so many messages: their ids, and what they say."""
    found: list[tuple[str, dict[str, object]]] = []
    cursor = ""
    while len(found) < number:
        line = next(lines)
        assert line != ": still here"
        if line.startswith("id: "):
            cursor = line.removeprefix("id: ")
        elif line.startswith("data: "):
            found.append((cursor, json.loads(line.removeprefix("data: "))))
    return found


def test_a_stream_goes_on_where_the_reader_was_cut_off(site: Site, served: httpx.Client) -> None:
    with served.stream("GET", STREAM) as stream:
        assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
        lines = stream.iter_lines()
        assert next(lines) == ": pricetrail"
        poll(site.database, "west", "12:30", catalog(model("m"), model("new")))
        heard = messages(lines, 2)
    poll(site.database, "east", "13:00", catalog(model("other")))
    resumed = {"last-event-id": heard[0][0]}
    with served.stream("GET", STREAM, headers=resumed) as stream:
        again = messages(stream.iter_lines(), 4)
    assert again[0][1] == heard[1][1]
    # The pages behind the same cursor: the rest of that round, and what was recorded since.
    rest = served.get("api/v1/events", params={"cursor": heard[0][0]}).json()
    more = served.get("api/v1/events", params={"cursor": rest["next"]}).json()
    assert [said for _, said in again] == rest["events"] + more["events"]
    assert more["next"] is None


def test_a_stream_takes_the_filters_of_events(served: httpx.Client) -> None:
    asked = {"since": "2026-03-01T10:30:00Z", "source": "west", "type": "model.repriced"}
    expected = served.get("api/v1/events", params=asked).json()["events"]
    with served.stream("GET", STREAM, params=asked) as stream:
        heard = messages(stream.iter_lines(), len(expected))
    assert [said for _, said in heard] == expected
    assert len(expected) == 2


def test_a_stream_ends_with_the_server(site: Site, served: httpx.Client) -> None:
    with served.stream("GET", STREAM) as stream:
        lines = stream.iter_lines()
        assert next(lines) == ": pricetrail"
        site.stopping.set()
        assert [line for line in lines if line] == []


def test_a_quiet_stream_says_that_it_is_alive(
    served: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "HEARTBEAT", 0.05)
    with served.stream("GET", STREAM) as stream:
        lines = stream.iter_lines()
        heard = [next(lines) for _ in range(6)]
    assert heard == [": pricetrail", "", ": still here", "", ": still here", ""]


@pytest.mark.parametrize(
    ("asked", "status"),
    [("?type=model.moved", 400), ("?cursor=none", 400), ("?source=north", 404), ("?sorce=w", 400)],
)
def test_what_cannot_be_followed_is_told_at_once(
    site: Site, site_client: MakeClient, asked: str, status: int
) -> None:
    answer = site_client(site.database.url).get(f"/{STREAM}{asked}")
    assert (answer.status_code, answer.json()["status"]) == (status, status)


def test_there_is_room_for_so_many(
    site: Site, site_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = site_client(site.database.url)
    assert client.head(f"/{STREAM}").status_code == 200
    monkeypatch.setattr(following, "MOST_STREAMS", 0)
    answer = client.get(f"/{STREAM}")
    assert (answer.status_code, "streams are open already" in answer.text) == (503, True)
