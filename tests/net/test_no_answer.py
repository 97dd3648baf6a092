"""Why nobody answered, whatever the library called it."""

import socket
import ssl
from itertools import pairwise

import httpcore
import pytest

from pricetrail.net.no_answer import Cause, NoAnswerError, no_answer


def chained(*errors: Exception) -> Exception:
    """The first error, raised from the second, and so on."""
    for error, cause in pairwise(errors):
        error.__cause__ = cause
    return errors[0]


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (httpcore.ReadTimeout(), Cause.SLOW),
        (chained(httpcore.ConnectTimeout(), TimeoutError()), Cause.SLOW),
        (httpcore.ProxyError(), Cause.PROXY),
        (httpcore.RemoteProtocolError(), Cause.NOT_HTTP),
        (httpcore.LocalProtocolError(), Cause.NOT_HTTP),
        (httpcore.UnsupportedProtocol(), Cause.BAD_URL),
        (chained(httpcore.ConnectError(), ConnectionRefusedError()), Cause.REFUSED),
        (chained(httpcore.ReadError(), ConnectionResetError()), Cause.BROKEN),
        (chained(httpcore.WriteError(), BrokenPipeError()), Cause.BROKEN),
        (chained(httpcore.ConnectError(), ssl.SSLError()), Cause.TLS),
        (chained(httpcore.ConnectError(), OSError()), Cause.UNREACHABLE),
        (ValueError(), Cause.UNREACHABLE),
    ],
)
def test_the_cause_is_found_under_the_librarys_error(error: Exception, cause: Cause) -> None:
    assert no_answer(error).cause is cause


def test_a_cause_that_is_named_already_stays() -> None:
    named = NoAnswerError(Cause.UNRESOLVED)
    assert no_answer(chained(httpcore.ConnectError(), named)) is named


@pytest.mark.parametrize(
    ("number", "retry"), [(socket.EAI_NONAME, False), (socket.EAI_AGAIN, True)]
)
def test_an_unknown_name_is_an_answer_and_a_tired_resolver_is_none(
    number: int, *, retry: bool
) -> None:
    error = no_answer(chained(httpcore.ConnectError(), socket.gaierror(number, "secret.example")))
    assert (error.cause, error.retry) == (Cause.UNRESOLVED, retry)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    ("error", "text", "retry"),
    [
        (ssl.SSLEOFError(), "TLS: the connection broke off", True),
        (ssl.SSLError("secret.example"), "TLS: no secure connection could be made", False),
    ],
)
def test_only_tls_that_broke_off_is_worth_another_try(
    error: Exception, text: str, *, retry: bool
) -> None:
    named = no_answer(chained(httpcore.ConnectError(), error))
    assert (str(named), named.retry) == (text, retry)


@pytest.mark.parametrize("cause", Cause)
def test_what_stays_as_it_is_is_not_tried_again(cause: Cause) -> None:
    hopeless = {Cause.BAD_URL, Cause.AUTHORITIES, Cause.STOPPED}
    assert NoAnswerError(cause).retry is (cause not in hopeless)
