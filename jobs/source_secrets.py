"""What of a source's settings is secret, and how its address is told without it."""

import re
from functools import lru_cache
from urllib.parse import parse_qsl, unquote, urlsplit, urlunsplit

from pricetrail.catalog.masking import Masker
from pricetrail.jobs.source import Source

# `api_key`, `accessToken`, `X-Amz-Signature`; neither `author` nor `tokenizer`.
_SECRET_NAME = re.compile(
    r"(?:.*(?:[^a-z]|api|access|auth|client|private|secret))?"
    r"(?:key|token|secret|pass|password|passwd|pwd|auth|sig|signature|credentials?|session|jwt)",
    re.IGNORECASE | re.DOTALL,
)
# What somebody drew at random, rather than a word (`structured_outputs`) or a date.
_RANDOM = re.compile(r"(?!\d{4}-\d\d)(?=.*[A-Za-z])(?=.*[0-9])[!-~]{12,}")


def masker_of(source: Source) -> Masker:
    """Hides the source's key, the secrets of its URL's query, and its proxy's password."""
    return _masker(source.api_key, source.url, source.proxy or "")


def safe_url(url: str) -> str:
    """The address without what may be secret in it: its query, user name and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


@lru_cache(maxsize=256)
def _masker(key: str, url: str, proxy: str) -> Masker:
    query = urlsplit(url).query
    return Masker([key, *_of_query(query), *_of_proxy(proxy)])


def _of_query(query: str) -> list[str]:
    """A word that a query filters by is in the catalog's own text: it is hidden with its name."""
    secrets = []
    for pair in query.split("&"):
        # Decoded, for `Masker` looks for every encoding; as written where a `+` may stay one.
        before, _, after = pair.partition("=")
        written = [] if "%" in pair else [(before, after)]
        for name, value in [*parse_qsl(pair), *written]:
            if value:
                secrets.append(f"{name}={value}")
            if _SECRET_NAME.fullmatch(name) or _RANDOM.fullmatch(value or name):
                secrets.append(value or name)
    return secrets


def _of_proxy(proxy: str) -> list[str]:
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return [password, f"{user}:{password}"] if password else [user]
