"""What is wrong with TLS, in words: one table for the gateway and the receivers."""

import ssl
from enum import Enum


class TlsProblem(Enum):
    """Why no secure connection was made, in words that name no host."""

    NOT_YET_VALID = "the certificate is not valid yet: check this machine's clock"
    EXPIRED = "the certificate has expired"
    SELF_SIGNED = "the certificate is self-signed"
    UNTRUSTED = "the certificate's authority is not trusted here"
    UNKNOWN_AUTHORITY = "the certificate's authority is not known here"
    OTHER_HOST = "the certificate is for another host"
    NOT_ACCEPTED = "the certificate is not accepted"
    BROKE_OFF = "the connection broke off"
    NOT_SECURE = "no secure connection could be made"


# X509_V_ERR_* of OpenSSL's x509_vfy.h; 64 is a host that is named by its address.
_CERTIFICATES = {
    9: TlsProblem.NOT_YET_VALID,
    10: TlsProblem.EXPIRED,
    18: TlsProblem.SELF_SIGNED,
    19: TlsProblem.UNTRUSTED,
    20: TlsProblem.UNKNOWN_AUTHORITY,
    62: TlsProblem.OTHER_HOST,
    64: TlsProblem.OTHER_HOST,
}


def tls_problem(error: ssl.SSLError) -> TlsProblem:
    """Find what is wrong; only a connection that broke off is worth another try soon."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _CERTIFICATES.get(error.verify_code, TlsProblem.NOT_ACCEPTED)
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return TlsProblem.BROKE_OFF
    return TlsProblem.NOT_SECURE
