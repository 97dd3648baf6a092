"""Certificates of receivers: checked, and said plainly where they do not hold."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pricetrail.alerts.channels import render
from pricetrail.alerts.outcomes import DELIVERED, RETRY, Outcome
from pricetrail.alerts.posting import post
from pricetrail.alerts.sample_events import sample_events
from pricetrail.net import outbound
from tests.alerts.made import hook
from tests.support.sockets import RawServer, answer, raw_server

CERTIFICATES = Path(__file__).parents[1] / "support" / "certificates"


def tls(name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATES / name)
    return context


def attempt(server: RawServer) -> Outcome:
    webhook = hook(url=server.url(), allow_private=True)
    return post(webhook, render(webhook, sample_events())[0], now=datetime.now(UTC))


@pytest.fixture
def _trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own authority among the trusted ones."""
    context = ssl.create_default_context(cafile=str(CERTIFICATES / "ca.pem"))
    monkeypatch.setattr(outbound, "_tls", lambda: context)


@pytest.mark.usefixtures("_trusted")
def test_a_certificate_that_holds_lets_the_message_through() -> None:
    with raw_server(answer(), tls=tls("localhost.pem")) as server:
        assert attempt(server) == Outcome(DELIVERED, 200)


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
        outcome = attempt(server)
    assert (outcome.verdict, outcome.error) == (RETRY, error)
    assert server.requests == []


def test_an_authority_that_is_not_known_here_is_named() -> None:
    with raw_server(answer(), tls=tls("localhost.pem")) as server:
        outcome = attempt(server)
    assert (outcome.verdict, outcome.error) == (
        RETRY,
        "TLS: the certificate's issuer is unknown here",
    )
    assert server.requests == []
