"""What a gateway's answer holds: a catalog's bytes, or one clear reason why not.

Nothing an answer says is trusted: its size, its length, its encoding and its redirects are all
bounded here. What the bytes mean is for `catalog.catalogs` to judge.
"""

import re
from dataclasses import dataclass
from datetime import datetime

import httpx

from pricetrail.catalog.masking import MASK, Masker
from pricetrail.jobs.polls import gateway_errors
from pricetrail.jobs.polls.gateway_errors import GatewayError
from pricetrail.jobs.source import MIB, Source

_ETAG = re.compile(r"[\x21-\x7e]{1,512}")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway gave: `body` as it came, or `not_modified` since the ETag asked with.

    Where the gateway repeats a secret there is `***`; `date`: its time, None where it gave none.
    """

    status: int
    body: bytes | None
    etag: str | None
    not_modified: bool = False
    date: datetime | None = None


def sendable(etag: str | None) -> str | None:
    """The ETag, where it can go into a header as it is."""
    return etag if etag and _ETAG.fullmatch(etag) else None


def read(response: httpx.Response, source: Source, asked: str | None, masker: Masker) -> Answer:
    """Take an answer's body, masked, or what it says instead of one.

    Args:
        asked: the ETag that was asked with.

    Raises:
        GatewayError: it is no catalog.
    """
    if response.status_code == 304:
        return _not_modified(response, asked)
    if response.status_code != 200:
        raise _refusal(response)
    _check_encoding(response)
    body = masker.mask(_body(response, source.max_body))
    _check_start(response, body)
    return Answer(200, body, _etag(response))


def _not_modified(response: httpx.Response, asked: str | None) -> Answer:
    """Believed only where it is about the body that is known (fault 26)."""
    if asked is None:
        raise GatewayError("HTTP 304 though nothing was known yet: not believed", status=304)
    given = response.headers.get("etag", asked)
    if given.removeprefix("W/") != asked.removeprefix("W/"):
        raise GatewayError("HTTP 304 about another version: not believed", status=304)
    return Answer(304, None, asked, not_modified=True)


def _refusal(response: httpx.Response) -> GatewayError:
    status, headers = response.status_code, response.headers
    if 300 <= status < 400:
        return GatewayError(
            f"a redirect (HTTP {status}) is not followed, the key stays with one host: "
            "set url to the final address",
            status=status,
        )
    return gateway_errors.refused(
        status, gateway_errors.retry_after(headers.get("retry-after", ""), headers.get("date", ""))
    )


def _check_encoding(response: httpx.Response) -> None:
    given = response.headers.get("content-encoding", "identity")
    if {part.strip().lower() for part in given.split(",")} - {"identity", ""}:
        raise GatewayError(
            f"the answer is compressed ({_tame(given)}) though `identity` was asked for: refused "
            "unread; a proxy in between may do this",
            status=200,
        )


def _body(response: httpx.Response, most: int) -> bytes:
    """The bytes as they came, `most` at most, whatever Content-Length says."""
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length[:20]) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        for part in response.iter_raw():
            body += part
            if len(body) > most:
                raise _too_large(most)
    except (httpx.RemoteProtocolError, httpx.ReadError):
        text = f"truncated: the connection ended in the middle of the body ({len(body)} bytes came)"
        raise GatewayError(text, retry=True, status=200) from None
    return bytes(body)


def _too_large(most: int) -> GatewayError:
    size = f"{most / MIB:.4g} MiB" if most >= MIB else f"{most} bytes"
    return GatewayError(
        f"the body is larger than {size}: raise max_body if it is right", status=200
    )


def _check_start(response: httpx.Response, body: bytes) -> None:
    """Say what came where it cannot be JSON; the content type alone proves nothing (fault 7)."""
    start = body[:4096].removeprefix(_BOM).lstrip(b" \t\r\n")
    if start[:1] in (b"{", b"["):
        return
    kind = _tame(response.headers.get("content-type", "")) or "no content type"
    if not start:
        raise GatewayError(f"an empty answer ({kind}) instead of a catalog: check url", status=200)
    if start[:1] == b"<":
        raise GatewayError(
            f"HTML ({kind}) instead of a catalog: check url, and that no login page or proxy "
            "answers in the gateway's place",
            status=200,
        )
    said = start.decode("utf-8", "replace")
    raise GatewayError(f"not JSON ({kind}), it begins with {said[:40]!a}: check url", status=200)


def _etag(response: httpx.Response) -> str | None:
    etag = sendable(response.headers.get("etag"))
    return None if etag is None or MASK in etag else etag


def _tame(text: str) -> str:
    return re.sub(r"[^\w/+.;=*, -]", "", text, flags=re.ASCII)[:60]
