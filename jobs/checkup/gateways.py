"""Whether a gateway gives its catalog: the key, TLS and the certificate, the schema, the clock.

It is asked once, as a poll asks; nothing is recorded.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from pricetrail.catalog.catalogs import Limits
from pricetrail.catalog.dialects.registry import PIPELLM
from pricetrail.catalog.documents import Document
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.prices import prices_of
from pricetrail.catalog.times import in_words, rfc3339
from pricetrail.jobs.checkup.findings import FAIL, OK, WARN, Finding
from pricetrail.jobs.polls import gateway
from pricetrail.jobs.polls.clock import TOLERANCE
from pricetrail.jobs.polls.gateway import Answer, GatewayError
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import safe_url
from pricetrail.text.sums import counted

# Automatic renewals come a month ahead: one that is so late has failed.
_SOON = timedelta(days=14)
# Where a dialect keeps prices that it does not know.
_NATIVE = "/pricing/native/"


def look(source: Source, now: datetime) -> Iterator[Finding]:
    """Ask a source's gateway for its catalog, and look at what comes; `now` is our time."""
    began = time.monotonic()
    name = f"gateway of {source.name}"
    try:
        answer = gateway.fetch(source)
    except GatewayError as error:
        yield Finding(name, FAIL, str(error))
        if error.date is not None:
            yield _clock(source, error.date, now + _since(began))
        return
    took = _since(began)
    did = "answered without a key" if source.auth == "none" else "accepted the key"
    yield Finding(name, OK, f"{safe_url(source.url)} {did}, {_milliseconds(took)}")
    if answer.certificate_ends is not None:
        yield certificate(f"certificate of {source.name}", answer.certificate_ends, now)
    yield _catalog(source, answer)
    if answer.date is not None:
        yield _clock(source, answer.date, now + took)


def certificate(check: str, ends: datetime, now: datetime) -> Finding:
    """Say for how long a certificate that is good now will be."""
    left = ends - now
    if left < _SOON:
        return Finding(
            check, WARN, f"expires in {in_words(left)}, at {rfc3339(ends)}: ask for a new one"
        )
    return Finding(check, OK, f"good until {ends.astimezone(UTC):%Y-%m-%d}")


def _catalog(source: Source, answer: Answer) -> Finding:
    check = f"catalog of {source.name}"
    try:
        catalog = source.reader.read(answer.body or b"", None, Limits(source.max_models))
    except CatalogError as error:
        return Finding(check, FAIL, str(error))
    if not len(catalog) and not source.allow_empty:
        return Finding(
            check, WARN, "lists no model: is the key the right one? allow_empty = true accepts it"
        )
    models = counted(len(catalog), "model")
    if source.dialect != PIPELLM and not any(map(_is_priced, map(catalog.document, catalog.ids))):
        return Finding(
            check,
            WARN,
            f"{models}, and none with a price that the dialect {source.dialect} knows: does the "
            "gateway list no prices, or write another dialect?",
        )
    return Finding(check, OK, models)


def _is_priced(document: Document) -> bool:
    """Whether it has a price with a place in the schema."""
    return any(not price.path.startswith(_NATIVE) for price in prices_of(document))


def _clock(source: Source, date: datetime, now: datetime) -> Finding:
    check = f"clock beside {source.name}"
    ahead = now - date
    if abs(ahead) <= TOLERANCE:
        return Finding(check, OK, "agrees with the gateway's")
    text = f"here {in_words(abs(ahead))} {'ahead of' if ahead > timedelta(0) else 'behind'}"
    if not source.check_date:
        return Finding(check, OK, f"{text} the gateway's, which check_date = false leaves alone")
    return Finding(
        check,
        FAIL,
        f"{text} the gateway's: set this machine's clock (on Postgres the database server's), or "
        "check_date = false where the gateway's is wrong",
    )


def _since(began: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - began)


def _milliseconds(span: timedelta) -> str:
    return f"{span / timedelta(milliseconds=1):.0f} ms"
