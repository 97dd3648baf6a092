"""What is wrong with TLS, in words: one table for the gateway and the receivers."""

import ssl
from enum import IntEnum
from typing import NamedTuple


class Certificate(IntEnum):
    """Why a certificate does not hold: `X509_V_ERR_*` of OpenSSL's x509_vfy.h."""

    NOT_YET_VALID = 9
    EXPIRED = 10
    SELF_SIGNED = 18
    UNTRUSTED = 19
    UNKNOWN_AUTHORITY = 20
    OTHER_HOST = 62
    OTHER_ADDRESS = 64


_WORDS = {
    Certificate.NOT_YET_VALID: "the certificate is not valid yet: check this machine's clock",
    Certificate.EXPIRED: "the certificate has expired",
    Certificate.SELF_SIGNED: "the certificate is self-signed",
    Certificate.UNTRUSTED: "the certificate's authority is not trusted here",
    Certificate.UNKNOWN_AUTHORITY: "the certificate's authority is not known here",
    Certificate.OTHER_HOST: "the certificate is for another host",
    Certificate.OTHER_ADDRESS: "the certificate is for another host",
}


class TlsProblem(NamedTuple):
    """`words` name no host; `certificate` is a known reason; `retry`: another try can help."""

    words: str
    certificate: Certificate | None = None
    retry: bool = False


NOT_ACCEPTED = TlsProblem("the certificate is not accepted")
BROKE_OFF = TlsProblem("the connection broke off", retry=True)
NOT_SECURE = TlsProblem("no secure connection could be made")


def tls_problem(error: ssl.SSLError) -> TlsProblem:
    """Say what is wrong."""
    if isinstance(error, ssl.SSLCertVerificationError):
        try:
            certificate = Certificate(error.verify_code)
        except ValueError:
            return NOT_ACCEPTED
        return TlsProblem(_WORDS[certificate], certificate)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return BROKE_OFF
    return NOT_SECURE
