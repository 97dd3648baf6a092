"""What a gateway's answer holds: a catalog's bytes, or one clear reason why not.

Nothing an answer says is trusted: its size, its length, its encoding and its redirects are all
bounded here. What the bytes mean is for `catalog.catalogs` to judge.
"""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pricetrail.catalog.masking import MASK, Masker
from pricetrail.jobs.polls.gateway_errors import GatewayError, refused
from pricetrail.jobs.source import MIB, Source
from pricetrail.jobs.source_secrets import masker_of
from pricetrail.net.certificates import certificate_ends
from pricetrail.net.connections import Headers, Response
from pricetrail.net.no_answer import NoAnswerError
from pricetrail.net.retry_after import http_date, retry_after

_ETAG = re.compile(r"[\x21-\x7e]{1,512}")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a gateway gave: `body` as it came, or `not_modified` since the ETag asked with.

    Where the gateway repeats a secret there is `***`; `date`: its time, None where it gave none.
    `certificate_ends`: when its certificate expires, None without TLS.
    """

    status: int
    body: bytes | None
    etag: str | None
    not_modified: bool = False
    date: datetime | None = None
    certificate_ends: datetime | None = None


def sendable(etag: str | None) -> str | None:
    """The ETag, where it can go into a header as it is."""
    return etag if etag and _ETAG.fullmatch(etag) else None


def read(response: Response, source: Source, asked: str | None) -> Answer:
    """Take an answer's body, or what it says instead of one; nothing of it holds our secrets.

    Args:
        asked: the ETag that was asked with.

    Raises:
        GatewayError: it is no catalog; its `date` is the gateway's time.
    """
    masker = masker_of(source)
    headers = _masked(response.headers, masker)
    response.headers = headers
    date = gateway_time(headers.get("date", ""), headers.get("age", ""))
    try:
        ends = certificate_ends(response.extensions.get("network_stream"))
        answer = _judged(response, source, asked, masker)
        return replace(answer, date=date, certificate_ends=ends)
    except GatewayError as error:
        error.date = date
        raise


def _masked(headers: Headers, masker: Masker) -> Headers:
    # All at once: hardly any answer repeats a secret, and a look costs as much for one as for all.
    together = b"\n".join(value for _, value in headers.raw)
    if masker.mask(together) == together:
        return headers
    return Headers([(name, masker.mask(value)) for name, value in headers.raw])


def gateway_time(date: str, age: str) -> datetime | None:
    """What time it is by the gateway's clock: its `Date`, and for how long a cache has had it.

    None where it gives none that can be read; an `Age` that cannot be read is left out.
    """
    moment = http_date(date.strip())
    if moment is None:
        return None
    seconds = int(age) if re.fullmatch(r"[0-9]{1,9}", age.strip(), re.ASCII) else 0
    try:
        return moment.astimezone(UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _judged(response: Response, source: Source, asked: str | None, masker: Masker) -> Answer:
    if response.status_code == 304:
        return _not_modified(response, asked)
    if response.status_code != 200:
        raise _refusal(response)
    _check_encoding(response)
    body = masker.mask(_body(response, source.max_body))
    _check_start(response, body)
    etag = sendable(response.headers.get("etag"))
    return Answer(200, body, None if etag is None or MASK in etag else etag)


def _not_modified(response: Response, asked: str | None) -> Answer:
    """Believed only where it is about the body that is known (fault 26)."""
    if asked is None:
        raise GatewayError("HTTP 304 though nothing was known yet: not believed", status=304)
    given = response.headers.get("etag", asked)
    if given.removeprefix("W/") != asked.removeprefix("W/"):
        raise GatewayError("HTTP 304 about another version: not believed", status=304)
    return Answer(304, None, asked, not_modified=True)


def _refusal(response: Response) -> GatewayError:
    status, headers = response.status_code, response.headers
    if 300 <= status < 400:
        return GatewayError(
            f"a redirect (HTTP {status}) is not followed, the key stays with one host: "
            "set url to the final address",
            status=status,
        )
    # A date is reckoned from the answer's own: the clocks may differ.
    now = http_date(headers.get("date", "")) or datetime.now(UTC)
    return refused(status, retry_after(headers.get("retry-after", ""), now))


def _check_encoding(response: Response) -> None:
    given = response.headers.get("content-encoding", "identity")
    if {part.strip().lower() for part in given.split(",")} - {"identity", ""}:
        raise GatewayError(
            f"the answer is compressed ({_tame(given)}) though `identity` was asked for: refused "
            "unread; a proxy in between may do this",
            status=200,
        )


def _body(response: Response, most: int) -> bytes:
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
    except NoAnswerError:
        text = f"truncated: the connection ended in the middle of the body ({len(body)} bytes came)"
        raise GatewayError(text, retry=True, status=200) from None
    return bytes(body)


def _too_large(most: int) -> GatewayError:
    size = f"{most / MIB:.4g} MiB" if most >= MIB else f"{most} bytes"
    return GatewayError(
        f"the body is larger than {size}: raise max_body if it is right", status=200
    )


def _check_start(response: Response, body: bytes) -> None:
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
    text = start.decode("utf-8", "replace")
    raise GatewayError(f"not JSON ({kind}), it begins with {text[:40]!a}: check url", status=200)


def _tame(text: str) -> str:
    return re.sub(r"[^\w/+.;=*, -]", "", text, flags=re.ASCII)[:60]
