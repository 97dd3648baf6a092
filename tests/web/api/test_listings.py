"""A catalog is what the command prints, to the byte, whatever was asked for before."""

from starlette.testclient import TestClient

from tests.pricetrail.commands.running import shown


def test_each_time_has_its_own_bytes_and_its_own_tag(client: TestClient) -> None:
    times = [f"2026-03-01T{hour}:30:00Z" for hour in ("09", "10", "12", "10", "09")]
    answers = [client.get(f"/v1/models?at={moment}") for moment in times]
    for moment, answer in zip(times, answers, strict=True):
        assert answer.text == shown("models", "--at", moment, "--json")
    tags = [answer.headers["etag"] for answer in answers]
    assert tags[:2] == tags[:2:-1]
    assert len(set(tags)) == 3


def test_one_model_is_a_line(client: TestClient) -> None:
    assert client.get("/v1/models/m").content.endswith(b"}\n")
