"""Several sources side by side: the answer of the command."""

from starlette.testclient import TestClient

from tests.pricetrail.commands.running import shown


def test_a_comparison_is_what_the_command_prints(both: TestClient) -> None:
    at = "2026-03-01T10:45:00Z"
    for query, command in (
        ("", []),
        ("model=m", ["m"]),
        (f"model=m&at={at}&field=text.prompt", ["m", "--at", at, "--field", "text.prompt"]),
        ("source=east&source=west&model=m", ["m", "--source=east", "--source=west"]),
    ):
        answer = both.get(f"/api/v1/compare?{query}")
        assert answer.text == shown("compare", *command, "--json")
        assert ("immutable" in answer.headers["cache-control"]) is False


def test_it_is_settled_where_it_is_at_every_source(both: TestClient) -> None:
    # The newest snapshots are of 11:00 and 11:30: that of the first was seen first at 11:00.
    for at, settled in (("09:45", True), ("10:15", False)):
        answer = both.get(f"/api/v1/compare?at=2026-03-01T{at}:00Z")
        assert ("immutable" in answer.headers["cache-control"]) == settled
    assert both.get("/api/v1/compare?model=none").status_code == 404
    assert both.get("/api/v1/compare?source=north").status_code == 404
