"""What a look at a gateway finds, asked for real."""

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pricetrail.demo.gateway import Gateway, Reply, listing
from pricetrail.jobs.checkup import gateways
from pricetrail.jobs.source import Source
from tests.support.histories import model
from tests.support.sockets import answer, raw_server

CERTIFICATES = Path(__file__).parents[2] / "support" / "certificates"


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    with Gateway([model("a"), model("b")], key="right") as found:
        yield found


def found(gateway: Gateway, ahead: timedelta = timedelta(0), **more: Any) -> dict[str, str]:
    """Each check with its verdict and text."""
    settings = {"name": "s", "url": gateway.url, "api_key": "right", **more}
    now = datetime.now(UTC) + ahead
    return {
        finding.check: f"{finding.verdict} {finding.text}"
        for finding in gateways.look(Source(**settings), now)
    }


def test_a_gateway_that_is_well_passes(gateway: Gateway) -> None:
    looked_at = found(gateway)
    assert looked_at["gateway of s"].startswith(f"pass {gateway.url} accepted the key, ")
    assert looked_at["catalog of s"] == "pass 2 models"
    assert looked_at["clock beside s"] == "pass agrees with the gateway's"


def test_of_a_public_list_no_key_is_said_to_be_accepted() -> None:
    with raw_server(answer(b'{"object":"list","data":[],"total":0}')) as server:
        public = Source(name="s", url=server.url(), api_key="", auth="none")
        [first, *_] = gateways.look(public, datetime.now(UTC))
    assert first.text.startswith(f"{server.url()} answered without a key, ")


def test_a_list_is_read_by_the_dialect_of_its_source(gateway: Gateway) -> None:
    body = b'{"data": [{"id": "a", "pricing": {"prompt": "0.1"}}]}'
    with raw_server(answer(body, content_type="application/json")) as server:
        asked: dict[str, Any] = {"url": server.url(), "dialect": "openrouter"}
        assert found(gateway, **asked)["catalog of s"] == "pass 1 model"
        assert found(gateway, **asked | {"dialect": "pipellm"})["catalog of s"] == (
            'fail `object` is missing, not "list": a list of another gateway than PipeLLM is read '
            "by its `dialect`"
        )
        assert found(gateway, **asked | {"dialect": "vercel"})["catalog of s"] == (
            "warn 1 model, and none with a price that the dialect vercel knows: does the gateway "
            "list no prices, or write another dialect?"
        )


def test_a_wrong_key_fails_and_is_not_told(gateway: Gateway) -> None:
    looked_at = found(gateway, api_key="canary-key")
    assert looked_at["gateway of s"] == (
        "fail the key is not accepted (HTTP 401): check api_key and auth"
    )
    assert "canary-key" not in str(looked_at)
    assert looked_at["clock beside s"].startswith("pass")


@pytest.mark.parametrize(
    ("ahead", "more", "said"),
    [
        (timedelta(minutes=4), {}, "pass agrees"),
        (timedelta(minutes=9), {}, "fail here 9 min ahead of the gateway's: set this"),
        (timedelta(days=-3), {}, "fail here 2 d 23 h behind the gateway's"),
        (timedelta(days=2), {"check_date": False}, "pass here 2 d ahead of the gateway's, which"),
    ],
)
def test_a_clock_that_is_off_fails(
    gateway: Gateway, ahead: timedelta, more: dict[str, Any], said: str
) -> None:
    assert found(gateway, ahead, **more)["clock beside s"].startswith(said)


@pytest.mark.parametrize(
    ("body", "more", "said"),
    [
        (b'{"object": "list", "data": [], "total": 0}', {}, "warn lists no model"),
        (b'{"object": "list", "data": [], "total": 0}', {"allow_empty": True}, "pass 0 models"),
        (b'{"models": []}', {}, "fail "),
        (b'{"data": [{"name": "no id"}]}', {}, "fail "),
    ],
)
def test_a_catalog_is_read_as_a_poll_reads_it(
    gateway: Gateway, body: bytes, more: dict[str, Any], said: str
) -> None:
    gateway.reply = Reply(body)
    assert found(gateway, **more)["catalog of s"].startswith(said)


def test_the_end_of_a_certificate_is_looked_at_where_there_is_one(gateway: Gateway) -> None:
    assert "certificate of s" not in found(gateway)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / "localhost.pem")
    with raw_server(answer(listing([model("a")])), tls=context) as server:
        secured = Source(
            name="s",
            url=server.url("localhost"),
            api_key="right",
            ca_file=str(CERTIFICATES / "ca.pem"),
        )
        looked_at = {each.check: each for each in gateways.look(secured, datetime.now(UTC))}
    assert looked_at["certificate of s"].text == "good until 2124-01-01"
    assert looked_at["catalog of s"].text == "1 model"


@pytest.mark.parametrize(
    ("left", "said"),
    [
        (timedelta(days=90), "pass good until 2026-05-30"),
        (timedelta(days=13, hours=5), "warn expires in 13 d 5 h, at 2026-03-14T05:00:00Z"),
        (timedelta(minutes=3), "warn expires in 3 min"),
    ],
)
def test_a_certificate_that_ends_soon_is_told(left: timedelta, said: str) -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    finding = gateways.certificate("certificate of s", now + left, now)
    assert f"{finding.verdict} {finding.text}".startswith(said)
