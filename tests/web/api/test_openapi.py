"""The description of the API is kept, and true: a change that breaks clients is seen."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient

from tests.web.api.openapi_file import FILE, text
from tests.web.api.test_answers import SAME
from tests.web.conftest import MakeClient

MORE = (
    "/v1/models/m",
    "/api/v1/events",
    "/api/v1/events?limit=2",
    "/api/v1/compare",
    "/api/v1/compare?model=m&at=2026-03-01T09:30:00Z",
    "/api/v1/prices/litellm.json",
    "/healthz",
    "/readyz",
    "/readyz?sources=1",
)
# The first test holds that it is what the code says.
DOCUMENT = json.loads(FILE.read_text(encoding="utf-8"))


def test_the_description_is_the_one_that_is_kept() -> None:
    """If it was meant: `make openapi`, and look at what has changed for clients."""
    assert FILE.read_text(encoding="utf-8") == text()


def test_its_server_is_the_address_below_which_it_is_served(site_client: MakeClient) -> None:
    told = site_client(root_path="/prices").get("/prices/api/openapi.json").json()
    assert told["servers"] == [{"url": "/prices"}]
    assert DOCUMENT["servers"] == [{"url": "/"}]
    assert DOCUMENT["openapi"].startswith("3.1")


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in DOCUMENT["paths"].items():
        assert list(methods) == ["get"]
        yield path, methods["get"]


def test_everything_is_described() -> None:
    names = [operation["operationId"] for _, operation in operations()]
    assert len(set(names)) == len(names) > 25
    for path, operation in operations():
        assert operation["summary"], path
        assert {"200", "400", "404"} <= operation["responses"].keys(), path
        for parameter in operation.get("parameters", ()):
            assert parameter["description"], (path, parameter["name"])


@pytest.mark.parametrize("address", [*(address for address, _ in SAME), *MORE])
def test_an_answer_has_the_shape_that_is_described(client: TestClient, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    operation = DOCUMENT["paths"][path_of(address)]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    checked(answer.json(), schema)


def test_so_has_an_error(client: TestClient) -> None:
    answer = client.get("/v1/models/none")
    content = DOCUMENT["paths"]["/v1/models/{model_id}"]["get"]["responses"]["404"]["content"]
    checked(answer.json(), content[answer.headers["content-type"]]["schema"])


def test_a_member_that_is_not_described_is_seen() -> None:
    with pytest.raises(jsonschema.ValidationError, match="'new' was unexpected"):
        checked({"status": "ok", "new": 1}, {"$ref": "#/components/schemas/Health"})


def checked(answer: Any, schema: dict[str, Any]) -> None:
    """Hold an answer against a schema of which every object is closed."""
    closed = {
        name: {"additionalProperties": False, **part}
        for name, part in DOCUMENT["components"]["schemas"].items()
    }
    whole = {**schema, "components": {"schemas": closed}}
    validator = jsonschema.Draft202012Validator(
        whole, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    validator.validate(answer)


def path_of(address: str) -> str:
    """The path of the document that an address is one of."""
    path = address.partition("?")[0]
    if path in DOCUMENT["paths"]:
        return path
    for known in sorted(DOCUMENT["paths"], key=len, reverse=True):
        parts = known.split("{")
        tail = parts[-1].partition("}")[2]
        begins = path.startswith(parts[0]) and path.endswith(tail)
        if len(parts) > 1 and begins and all(p.partition("}")[2] in path for p in parts[1:]):
            return str(known)
    raise AssertionError(address)
