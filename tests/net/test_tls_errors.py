"""What is wrong with TLS, in words; certificates of real servers are in the tests of who asks."""

import ssl

import pytest

from pricetrail.net.tls_errors import Certificate, tls_problem


def refused(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError("for secret.example")
    error.verify_code = code
    return error


@pytest.mark.parametrize("certificate", Certificate)
def test_each_known_reason_has_words_that_name_no_host(certificate: Certificate) -> None:
    problem = tls_problem(refused(certificate.value))
    assert problem.certificate is certificate
    assert problem.words.startswith("the certificate")
    assert "secret" not in problem.words
    assert not problem.retry


def test_an_unknown_reason_is_a_certificate_that_is_not_accepted() -> None:
    assert tls_problem(refused(1)) == ("the certificate is not accepted", None, False)


@pytest.mark.parametrize("error", [ssl.SSLEOFError(), ssl.SSLZeroReturnError()])
def test_only_a_connection_that_broke_off_is_worth_another_try(error: ssl.SSLError) -> None:
    assert tls_problem(error) == ("the connection broke off", None, True)
    assert not tls_problem(ssl.SSLError()).retry
