"""Whether somebody listens: a connection and TLS, with nothing sent over it."""

import socket
import ssl
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pricetrail.net import reaching
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.ssrf import GuardError
from pricetrail.net.trust import trust

CERTIFICATES = Path(__file__).parents[1] / "support" / "certificates"


class Listener:
    """Takes connections, with TLS where there is a certificate, and keeps what it is sent."""

    def __init__(self, certificate: str | None = None) -> None:
        self.sent = b""
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._context = None
        if certificate is not None:
            self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._context.load_cert_chain(CERTIFICATES / certificate)
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _serve(self) -> None:
        taken, _ = self._socket.accept()
        try:
            if self._context is not None:
                taken = self._context.wrap_socket(taken, server_side=True)
            self.sent = taken.recv(100)
        except OSError:
            pass  # the other side did not like the certificate
        finally:
            taken.close()

    def __enter__(self) -> "Listener":
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._thread.join()
        self._socket.close()


@pytest.fixture(autouse=True)
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "trust", lambda: trust(str(CERTIFICATES / "ca.pem")))


def test_a_plain_listener_is_reached_and_sent_nothing() -> None:
    with Listener() as listener:
        url = f"http://127.0.0.1:{listener.port}/x"
        assert reaching.reach(url, allow_private=True, seconds=5) is None
    assert listener.sent == b""


def test_with_tls_the_end_of_the_certificate_is_known() -> None:
    with Listener("localhost.pem") as listener:
        url = f"https://localhost:{listener.port}/x"
        ends = reaching.reach(url, allow_private=True, seconds=5)
    assert ends is not None
    assert ends > datetime(2026, 1, 1, tzinfo=UTC)
    assert listener.sent == b""


@pytest.mark.parametrize("certificate", ["expired.pem", "elsewhere.pem"])
def test_a_certificate_that_is_not_good_is_refused(certificate: str) -> None:
    with Listener(certificate) as listener:
        url = f"https://localhost:{listener.port}/x"
        with pytest.raises(NoAnswerError, match="certificate") as caught:
            reaching.reach(url, allow_private=True, seconds=5)
    assert caught.value.cause is Cause.TLS


def test_an_address_inside_is_refused_unless_it_is_meant() -> None:
    with pytest.raises(GuardError):
        reaching.reach("http://127.0.0.1:9/x", allow_private=False, seconds=5)


def test_a_name_that_no_alphabet_has_does_not_resolve() -> None:
    with pytest.raises(NoAnswerError) as caught:
        reaching.reach("http://xn--0.invalid/x", allow_private=True, seconds=5)
    assert caught.value.cause is Cause.UNRESOLVED


def test_who_does_not_answer_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://localhost:{silent.getsockname()[1]}/x"
        with pytest.raises(NoAnswerError) as caught:
            reaching.reach(url, allow_private=True, seconds=0.3)
    assert caught.value.cause is Cause.SLOW
