"""Every question has one answer: over HTTP the bytes that its command prints with `--json`."""

import json
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from tests.pricetrail.commands.running import shown
from tests.web.api.recordings import ODD

# The address, and the command that asks the same.
SAME = [
    ("/v1/models", ["models"]),
    ("/v1/models?at=2026-03-01T10:30:00Z", ["models", "--at", "2026-03-01T10:30:00Z"]),
    ("/at/2026-03-01T09:30:00Z/v1/models", ["models", "--at", "2026-03-01T09:30:00Z"]),
    ("/s/s/v1/models?at=2026-03-01T10:30:00Z", ["models", "--at", "2026-03-01T10:30:00Z"]),
    ("/s/s/at/2026-03-01T09:30:00Z/v1/models", ["models", "--at", "2026-03-01T09:30:00Z"]),
    ("/api/v1/models?at=2026-03-01T09:30:00Z", ["models", "--at", "2026-03-01T09:30:00Z"]),
    ("/api/v1/models/m/price", ["price", "m"]),
    (
        "/api/v1/models/m/price?at=2026-03-01T11:30:00Z&field=text.prompt",
        ["price", "m", "--at", "2026-03-01T11:30:00Z", "--field", "text.prompt"],
    ),
    ("/api/v1/models/m/price?at=2026-03-01T13:30:00Z", ["price", "m", "--at", "2026-03-01T13:30Z"]),
    ("/api/v1/models/m/history", ["history", "m"]),
    ("/api/v1/models/m/history?field=/pricing/cache", ["history", "m", "--field", "cache"]),
    *((f"/api/v1/models/{quote(name, safe='')}/price", ["price", name]) for name in ODD),
    *((f"/api/v1/models/{quote(name)}/history", ["history", name]) for name in ODD),
    ("/api/v1/sources", ["sources", "list"]),
    ("/api/v1/snapshots?source=s", ["snapshots"]),
    ("/api/v1/snapshots/2", ["snapshots", "show", "2"]),
    ("/api/v1/snapshots/latest~1", ["snapshots", "show", "latest~1"]),
    ("/api/v1/head", ["head"]),
    ("/api/v1/diff?from=1&to=latest", ["diff", "1", "latest"]),
    ("/api/v1/diff?from=baseline&to=2026-03-01T10:00:00Z", ["diff", "1", "2"]),
    ("/api/v1/coverage", ["coverage"]),
    ("/api/v1/coverage?month=2026-03", ["coverage", "--month", "2026-03"]),
    ("/api/v1/deliveries", ["deliveries", "list"]),
    ("/api/v1/deliveries?state=dead&state=pending&limit=3", ["deliveries", "list", "--state=dead"]),
    ("/api/v1/quarantine", ["quarantine", "list"]),
    ("/api/v1/quarantine?held=true&source=s", ["quarantine", "list", "--held"]),
]


@pytest.mark.parametrize(("address", "command"), SAME, ids=[address for address, _ in SAME])
def test_an_answer_is_what_the_command_prints(
    client: TestClient, address: str, command: list[str]
) -> None:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.text == shown(*command, "--json")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["etag"]
    again = client.get(address, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == answer.headers["cache-control"]
    head = client.head(address)
    assert (head.content, head.headers["etag"]) == (b"", answer.headers["etag"])


def test_the_log_is_what_the_command_prints_and_a_cursor(client: TestClient) -> None:
    whole = shown("events", "--json")
    answer = client.get("/api/v1/events")
    assert answer.text == whole.removesuffix("}\n") + ',"next":null}\n'
    filters = {"since": "2026-03-01T10:00:00Z", "until": "2026-03-01T12:00:00Z", "model": "n*"}
    command = [f"--{name}={value}" for name, value in filters.items()]
    some = client.get("/api/v1/events", params={**filters, "type": "model.added"}).json()
    listed = json.loads(shown("events", *command, "--type=model.added", "--json"))
    assert some == {**listed, "next": None}
    assert len(some["events"]) == 1
