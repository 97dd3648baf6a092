"""One attempt, against receivers that do what receivers do (faults 28 to 33)."""

import logging
import socket
import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks

from pricetrail.alerts.channels import render
from pricetrail.alerts.outcomes import DEAD, DELIVERED, DISABLE, RETRY, Outcome
from pricetrail.alerts.posting import post
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.webhooks import Webhook
from pricetrail.net import connections
from pricetrail.net.dialling import Network
from tests.alerts.made import hook
from tests.support.receivers import Receiver, endless, receiving, reset, status
from tests.support.sockets import RawServer, answer, raw_server

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = "whsec_" + "QUJD" * 8
CERTIFICATES = Path(__file__).parents[1] / "support" / "certificates"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


def to(receiver: Receiver, format_name: str = "json", **settings: Any) -> Webhook:
    given = {"url": receiver.url, "allow_private": True, **settings}
    return hook(format_name, **given)


def attempt(
    webhook: Webhook, now: datetime | None = None, timeout: float = 10.0, **kwargs: Any
) -> Outcome:
    """Post the first message of the sample; no error may show the URL."""
    message = render(webhook, sample_events())[0]
    outcome = post(webhook, message, now=now or datetime.now(UTC), timeout=timeout, **kwargs)
    for part in ("127.0.0.1", "/hook", *webhook.secrets):
        assert part not in (outcome.error or "")
    return outcome


def test_a_json_message_arrives_signed_for_both_secrets(receiver: Receiver) -> None:
    assert attempt(to(receiver, secrets=(NEW, OLD))) == Outcome(DELIVERED, 204)
    [request] = receiver.requests
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"] == "pricetrail"
    assert request.headers["webhook-id"] == sample_events()[0].id
    for secret in (OLD, NEW):
        verified = standardwebhooks.Webhook(secret).verify(request.body, request.headers)
        assert verified["type"] == "model.repriced"


def test_the_signature_is_of_the_attempt_and_the_id_of_the_message(receiver: Receiver) -> None:
    first = datetime.now(UTC)
    for now in (first, first + timedelta(seconds=100)):
        attempt(to(receiver, secrets=(OLD,)), now)
    one, two = receiver.requests
    assert one.headers["webhook-id"] == two.headers["webhook-id"]
    assert one.body == two.body
    stamps = [int(request.headers["webhook-timestamp"]) for request in (one, two)]
    assert stamps[1] - stamps[0] == 100
    assert one.headers["webhook-signature"] != two.headers["webhook-signature"]


@pytest.mark.parametrize("format_name", ["slack", "discord", "teams"])
def test_chats_get_no_signature(receiver: Receiver, format_name: str) -> None:
    receiver.always = status(200, b"ok")
    assert attempt(to(receiver, format_name)).verdict == DELIVERED
    [request] = receiver.requests
    assert not any(name.startswith("webhook-") for name in request.headers)
    assert request.path == ("/hook?wait=true" if format_name == "discord" else "/hook")


def test_a_redirect_is_not_followed(receiver: Receiver) -> None:
    receiver.always = status(302, Location=receiver.url)
    outcome = attempt(to(receiver))
    assert (outcome.verdict, outcome.status) == (RETRY, 302)
    assert "redirect is not followed" in (outcome.error or "")
    assert len(receiver.requests) == 1


def test_410_says_that_the_webhook_is_gone(receiver: Receiver) -> None:
    receiver.always = status(410)
    outcome = attempt(to(receiver))
    assert (outcome.verdict, outcome.status) == (DISABLE, 410)


def test_accepted_and_then_reset_is_delivered(receiver: Receiver) -> None:
    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")
        handler.wfile.flush()
        # Zero linger: the close is a reset.
        linger = b"\x01\x00\x00\x00\x00\x00\x00\x00"
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        handler.close_connection = True

    receiver.always = play
    assert attempt(to(receiver)) == Outcome(DELIVERED, 200)


def test_a_lost_answer_is_owed_again_with_the_same_id(receiver: Receiver) -> None:
    receiver.scripts = [reset]
    outcome = attempt(to(receiver))
    assert (outcome.verdict, outcome.status) == (RETRY, None)
    assert outcome.error
    assert attempt(to(receiver)).verdict == DELIVERED
    assert receiver.ids[0] == receiver.ids[1] != ""


def test_an_endless_reply_is_delivered(receiver: Receiver) -> None:
    receiver.always = endless
    assert attempt(to(receiver)) == Outcome(DELIVERED, 200)


def test_silence_is_a_timeout_and_waits_a_minute(receiver: Receiver) -> None:
    receiver.always = lambda handler: time.sleep(0.4)
    now = datetime.now(UTC)
    outcome = attempt(to(receiver), now, timeout=0.1)
    assert (outcome.verdict, outcome.error) == (RETRY, "no answer in time")
    assert outcome.not_before == now + timedelta(seconds=60)


@pytest.mark.parametrize(
    ("header", "least"), [("120", 120), ("3", 60), ("-1", 60), ("1e9", 60), ("86400000", 86400)]
)
def test_429_is_not_tried_again_before_its_time(
    receiver: Receiver, header: str, least: int
) -> None:
    receiver.always = status(429, Retry_After=header)
    now = datetime.now(UTC)
    outcome = attempt(to(receiver), now)
    assert outcome.verdict == RETRY
    assert outcome.not_before is not None
    assert outcome.not_before >= now + timedelta(seconds=least)
    # The attempt itself takes a moment, from whose end the wait counts.
    assert outcome.not_before < now + timedelta(seconds=least + 10)


def test_discords_decimals_are_honoured(receiver: Receiver) -> None:
    receiver.always = status(429, b'{"message": "...", "retry_after": 64.57, "global": false}')
    now = datetime.now(UTC)
    outcome = attempt(to(receiver, "discord"), now)
    assert outcome.not_before is not None
    assert outcome.not_before >= now + timedelta(seconds=64.57)


def test_503_waits_as_long_as_it_says(receiver: Receiver) -> None:
    receiver.always = status(503, Retry_After="7")
    now = datetime.now(UTC)
    outcome = attempt(to(receiver), now)
    assert outcome.not_before is not None
    assert outcome.not_before >= now + timedelta(seconds=7)
    receiver.always = status(503)
    assert attempt(to(receiver)) == Outcome(RETRY, 503, "HTTP 503")


def test_slacks_200_that_is_not_ok_is_a_failure(receiver: Receiver) -> None:
    receiver.always = status(200, b"<html>maintenance</html>")
    outcome = attempt(to(receiver, "slack"))
    assert (outcome.verdict, outcome.status) == (RETRY, 200)


@pytest.mark.parametrize(
    ("format_name", "reply"), [("slack", b"invalid_blocks"), ("discord", b'{"code": 50035}')]
)
def test_a_layout_that_is_refused_goes_once_as_plain_text(
    receiver: Receiver, format_name: str, reply: bytes
) -> None:
    receiver.scripts = [status(400, reply), status(200, b"ok")]
    assert attempt(to(receiver, format_name)) == Outcome(DELIVERED, 200)
    first, second = receiver.requests
    assert b'"blocks"' in first.body or b'"embeds"' in first.body
    assert b'"blocks"' not in second.body
    assert b'"embeds"' not in second.body
    assert b"became free" in second.body


@pytest.mark.parametrize("format_name", ["slack", "discord"])
def test_what_is_refused_as_plain_text_too_is_dead(receiver: Receiver, format_name: str) -> None:
    receiver.always = status(400, b"invalid_payload")
    outcome = attempt(to(receiver, format_name))
    assert (outcome.verdict, outcome.status) == (DEAD, 400)
    assert len(receiver.requests) == 2


def test_a_plain_attempt_that_fails_otherwise_is_tried_again(receiver: Receiver) -> None:
    receiver.scripts = [status(400, b"invalid_blocks"), status(500)]
    assert attempt(to(receiver, "slack")).verdict == RETRY


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (403, b"invalid_token"),
        (403, b"action_prohibited"),
        (404, b"no_service"),
        (410, b"channel_is_archived"),
        (400, b"no_service"),
    ],
)
def test_slack_says_that_the_webhook_is_at_fault(
    receiver: Receiver, code: int, word: bytes
) -> None:
    receiver.always = status(code, word)
    outcome = attempt(to(receiver, "slack"))
    assert (outcome.verdict, outcome.status) == (DISABLE, code)
    assert word.decode() in (outcome.error or "")
    assert len(receiver.requests) == 1


def test_a_refused_connection_is_tried_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    webhook = hook(url=f"http://127.0.0.1:{port}/hook", allow_private=True)
    assert attempt(webhook) == Outcome(RETRY, error="the connection was refused")


def test_a_name_that_does_not_resolve_is_tried_again() -> None:
    outcome = attempt(hook(url="https://nowhere.invalid/hook"))
    assert outcome == Outcome(RETRY, error="the host name does not resolve")


def test_a_receiver_that_speaks_no_tls_says_so(receiver: Receiver) -> None:
    webhook = to(receiver, url=receiver.url.replace("http://", "https://"))
    assert attempt(webhook).error == "TLS: no secure connection could be made"


def test_a_receiver_that_speaks_no_http_says_so(receiver: Receiver) -> None:
    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"220 smtp ready\r\n")
        handler.close_connection = True

    receiver.always = play
    outcome = attempt(to(receiver))
    assert outcome.error == "the answer is not HTTP, or broke off before its status"


@pytest.mark.parametrize("format_name", ["json", "slack", "discord", "teams"])
def test_a_private_address_is_refused_unless_allowed(receiver: Receiver, format_name: str) -> None:
    outcome = attempt(to(receiver, format_name, allow_private=False))
    assert outcome.verdict == DISABLE
    assert "allow_private = true" in (outcome.error or "")
    assert receiver.requests == []


def test_a_name_that_resolves_inside_today_may_be_right_tomorrow() -> None:
    network = Network(lambda host, port: ["10.0.0.1"])
    outcome = attempt(hook(), network=network)
    assert outcome.verdict == RETRY
    assert "a private address" in (outcome.error or "")


def test_a_secret_that_is_none_is_the_webhooks_fault(receiver: Receiver) -> None:
    outcome = attempt(to(receiver, secrets=("nonsense",)))
    assert outcome.verdict == DISABLE
    assert receiver.requests == []


def test_no_log_holds_the_url(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    attempt(to(receiver, url=receiver.url + "/T0/B0/canary"))
    assert "canary" not in caplog.text
    assert [request.path for request in receiver.requests] == ["/hook/T0/B0/canary"]


@pytest.mark.parametrize(
    ("part", "format_name", "code"),
    [
        *product(["/services/{}"], ["slack", "discord", "json", "teams"], [200, 400, 429, 500]),
        *product(["/x?token={}", "/x?a=1&{}=2"], ["slack", "discord"], [400]),
    ],
)
def test_a_word_of_the_receiver_that_is_a_part_of_the_address_is_not_told(
    receiver: Receiver, part: str, format_name: str, code: int
) -> None:
    """`canaryinthepath` is a word as harmless as Slack's own, but for where it comes from."""
    secret = "canaryinthepath"
    body = f'{{"code":"{secret}"}}' if format_name == "discord" else secret
    receiver.always = status(code, body.encode(), retry_after=secret)
    outcome = attempt(to(receiver, format_name, url=receiver.url + part.format(secret)))
    assert secret in receiver.requests[0].path
    assert secret not in (outcome.error or "")
    assert outcome.verdict == DELIVERED or outcome.error


# Certificates


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    return context


def attempt_at(server: RawServer) -> Outcome:
    return attempt(hook(url=server.url(), allow_private=True))


@pytest.fixture
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own authority among the trusted ones."""
    context = ssl.create_default_context(cafile=str(CERTIFICATES / "ca.pem"))
    monkeypatch.setattr(connections, "trust", lambda _: context)


@pytest.mark.usefixtures("_trusted")
def test_a_certificate_that_holds_lets_the_message_through() -> None:
    with raw_server(answer(), tls=tls("localhost.pem")) as server:
        assert attempt_at(server) == Outcome(DELIVERED, 200)


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    ("certificate", "error"),
    [
        ("expired.pem", "TLS: the certificate has expired"),
        ("elsewhere.pem", "TLS: the certificate is for another host"),
    ],
)
def test_a_certificate_that_does_not_hold_is_named(certificate: str, error: str) -> None:
    with raw_server(answer(), tls=tls(certificate)) as server:
        outcome = attempt_at(server)
    assert (outcome.verdict, outcome.error) == (RETRY, error)
    assert server.requests == []


def test_an_authority_that_is_not_known_here_is_named() -> None:
    with raw_server(answer(), tls=tls("localhost.pem")) as server:
        outcome = attempt_at(server)
    assert (outcome.verdict, outcome.error) == (
        RETRY,
        "TLS: the certificate's authority is not known here",
    )
    assert server.requests == []
