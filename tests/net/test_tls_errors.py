"""What is wrong with TLS; certificates of real servers are in the tests of who asks."""

import ssl

import pytest

from pricetrail.net.tls_errors import TlsProblem, tls_problem


def refused(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("for secret.example")
    error.verify_code = code
    return error


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (9, TlsProblem.NOT_YET_VALID),
        (10, TlsProblem.EXPIRED),
        (18, TlsProblem.SELF_SIGNED),
        (19, TlsProblem.UNTRUSTED),
        (20, TlsProblem.UNKNOWN_AUTHORITY),
        (62, TlsProblem.OTHER_HOST),
        (64, TlsProblem.OTHER_HOST),
        (1, TlsProblem.NOT_ACCEPTED),
        (0, TlsProblem.NOT_ACCEPTED),
    ],
)
def test_a_certificate_that_does_not_hold_has_its_reason(code: int, problem: TlsProblem) -> None:
    assert tls_problem(refused(code)) is problem
    assert problem.value.startswith("the certificate")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ssl.SSLEOFError(), TlsProblem.BROKE_OFF),
        (ssl.SSLZeroReturnError(), TlsProblem.BROKE_OFF),
        (ssl.SSLError("secret.example"), TlsProblem.NOT_SECURE),
    ],
)
def test_without_a_certificate_it_is_the_connection(
    error: ssl.SSLError, problem: TlsProblem
) -> None:
    assert tls_problem(error) is problem
