"""What goes wrong between us and a gateway, in words; with real sockets in test_gateway."""

from datetime import timedelta

import pytest

from pricetrail.jobs.polls.gateway_errors import refused, unanswered
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.tls_errors import TlsProblem


@pytest.mark.parametrize(
    ("status", "words", "retry"),
    [
        (400, "HTTP 400 instead of a catalog: check url", False),
        (401, "the key is not accepted (HTTP 401): check api_key and auth", False),
        (403, "the key is not accepted (HTTP 403): check api_key and auth", False),
        (404, "there is no catalog at this address (HTTP 404): check url", False),
        (408, "HTTP 408 instead of a catalog: check url", True),
        (429, "too many requests (HTTP 429): poll less often", True),
        (500, "the gateway has a problem of its own (HTTP 500)", True),
        (599, "the gateway has a problem of its own (HTTP 599)", True),
    ],
)
def test_a_status_names_its_remedy(status: int, words: str, *, retry: bool) -> None:
    error = refused(status)
    assert (str(error), error.retry, error.status) == (words, retry, status)


@pytest.mark.parametrize(("seconds", "whole"), [(1, 1), (7.2, 8), (86400, 86400)])
def test_a_wait_is_said_in_whole_seconds(seconds: float, whole: int) -> None:
    error = refused(503, timedelta(seconds=seconds))
    assert str(error).endswith(f"; it asks to wait {whole} s")
    assert error.retry_after == timedelta(seconds=seconds)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_words_and_keeps_its_hope(cause: Cause) -> None:
    for retry in (True, False):
        error = unanswered(NoAnswerError(cause, retry=retry), "[::1]:8443", 2.5)
        assert error.retry is retry
        assert "{" not in str(error)


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (Cause.UNRESOLVED, "the host name a.example cannot be resolved: check url and the network"),
        (Cause.SLOW, "no complete answer from a.example:443 within 2.5 s (deadline)"),
        (Cause.STOPPED, "stopped while it waited for an answer from a.example:443"),
    ],
)
def test_host_and_time_are_told(cause: Cause, words: str) -> None:
    assert str(unanswered(NoAnswerError(cause), "a.example:443", 2.5)) == words


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (TlsProblem.NOT_SECURE, "no secure connection could be made: check url and port"),
        (TlsProblem.BROKE_OFF, "the connection broke off"),
        (TlsProblem.NOT_ACCEPTED, "the certificate is not accepted"),
        (
            TlsProblem.SELF_SIGNED,
            "the certificate is self-signed: name it in ca_file if it is meant",
        ),
        (TlsProblem.OTHER_HOST, "the certificate is for another host: check url"),
    ],
)
def test_tls_is_told_with_the_setting_to_look_at(problem: TlsProblem, words: str) -> None:
    error = unanswered(NoAnswerError(Cause.TLS, tls=problem), "a.example:443", 2.5)
    assert str(error) == f"TLS to a.example:443: {words}"
