"""A source: one catalog as one API key sees it, and how it is polled (contract, section 4)."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Literal, get_args
from urllib.parse import SplitResult, urlsplit

from pricetrail.catalog.dialects.registry import AS_SERVED, NAMES, PIPELLM, ReadBy, unknown_dialect
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.ignored import parse as parse_ignored
from pricetrail.jobs.schedule import Schedule, parse_timezone
from pricetrail.net.ssrf import is_inside, is_plain_name

if TYPE_CHECKING:
    from pricetrail.catalog.readers import Reader

Auth = Literal["bearer", "x-api-key", "none"]

MIB = 1024 * 1024
_LONGEST = timedelta(days=1)
_NAME = re.compile(r"[^\s\x00-\x1f\x7f](?:.{0,98}[^\s\x00-\x1f\x7f])?")
# What Prometheus takes as the name of a label.
_LABEL = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}", re.ASCII)
_LABEL_VALUE = _NAME
_KEY = re.compile(r"[\x21-\x7e]+")
_URL = re.compile(r"[\x21-\x7e]+")


class SourceError(InvalidInputError, ValueError):
    """A setting of a source that cannot be used; the text never repeats its value.

    `key` is the setting's name, with which the text begins.
    """

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key
        self.problem = problem


@dataclass(frozen=True, kw_only=True)
class Source:
    """What the configuration says about a source; checked when it is made.

    `dialect` is how the list is written, and `keep` which of its own fields models keep besides
    (see `catalog.readers`). `max_body` is in bytes, the percentages are of the models before.
    `ignore` names fields that are noise (see `catalog.ignored`). `deadline` bounds one
    attempt to fetch, from the look-up of the name to the last byte. `ca_file` names the only
    certificate authorities that are trusted; without it the machine's own are. `proxy` is the
    only proxy used: the environment's are not looked at. `check_date`: whether a poll fails where
    the clock here and the gateway's are minutes apart. While it lasts that polls fail, this is said
    again every `remind_every` (zero: once). `labels` are the operator's own words about it. `ping`
    is the address of a dead man's switch. `api_key` is empty where `auth` is "none".

    Raises:
        SourceError: a value that cannot be used.
    """

    name: str
    url: str = field(repr=False)
    api_key: str = field(repr=False)
    auth: Auth = "bearer"
    schedule: str = "*/15 * * * *"
    timezone: str = "UTC"
    confirm_removals: int = 1
    hold: timedelta = timedelta(0)
    hold_rises: bool = True
    max_removed_percent: Decimal = Decimal(30)
    max_repriced_percent: Decimal = Decimal(30)
    max_price_ratio: Decimal = Decimal(100)
    dialect: str = PIPELLM
    keep: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    allow_empty: bool = False
    max_body: int = 16 * MIB
    max_models: int = 50_000
    deadline: timedelta = timedelta(seconds=60)
    failing_after: int = 3
    remind_every: timedelta = timedelta(days=1)
    check_date: bool = True
    labels: Mapping[str, str] = field(default_factory=dict)
    ping: str | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    ca_file: str | None = None

    def __post_init__(self) -> None:
        self.check()

    def check(self) -> None:
        """Raise `SourceError` for the first setting that cannot be used."""
        if not _NAME.fullmatch(self.name):
            raise SourceError("name", "is 1 to 100 characters without control characters")
        check_url(self.url)
        if self.auth not in get_args(Auth):
            raise SourceError("auth", 'write "bearer", "x-api-key" or "none"')
        self._check_key()
        if self.proxy is not None:
            _check_proxy(self.proxy)
        if self.ping is not None:
            _split("ping", self.ping, ("http", "https"))
        _check_labels(self.labels)
        self._check_dialect()
        self._check_numbers()
        self._check_durations()
        self._check_times()

    @cached_property
    def ignored(self) -> Ignored:
        """The fields that comparison leaves out."""
        return parse_ignored(self.ignore)

    @cached_property
    def reader(self) -> "Reader":
        """What reads the bodies of its dialect."""
        # Only now: most polls find what they found before, and read nothing.
        from pricetrail.catalog.readers import Reader  # noqa: PLC0415 - see above

        return Reader(self.dialect, self.keep)

    @property
    def read_by(self) -> ReadBy:
        """How its bodies are read, as versions remember it."""
        return AS_SERVED if self.dialect == PIPELLM else self.reader.read_by

    @property
    def host(self) -> str:
        """The host and port that its catalog is asked of, through a proxy too."""
        parts = urlsplit(self.url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
        return f"{parts.hostname}:{port}"

    @property
    def fingerprint(self) -> str:
        """Tells whether the key changed, without telling the key: 32 hex digits.

        Of the key alone: a gateway that moved to another address is the same account.
        """
        named = b"pricetrail source key\x00" + self.api_key.encode()
        return hashlib.sha256(named).hexdigest()[:32]

    def _check_dialect(self) -> None:
        if self.dialect not in NAMES:
            raise SourceError("dialect", unknown_dialect(self.dialect))
        if self.keep:
            _explained("keep", lambda: self.reader)

    def _check_key(self) -> None:
        if self.auth != "none":
            check_key(self.api_key)
        elif self.api_key:
            raise SourceError("api_key", 'is never sent with auth = "none": take one of them out')

    def _check_numbers(self) -> None:
        for key in ("confirm_removals", "max_body", "max_models", "failing_after"):
            if getattr(self, key) < 1:
                raise SourceError(key, "must be at least 1")
        if not (self.max_price_ratio.is_finite() and self.max_price_ratio > 1):
            raise SourceError("max_price_ratio", 'must be a number above 1: write "100"')
        for key in ("max_removed_percent", "max_repriced_percent"):
            value: Decimal = getattr(self, key)
            if not (value.is_finite() and 0 <= value <= 100):
                raise SourceError(key, "must be a number from 0 to 100")

    def _check_durations(self) -> None:
        if self.hold < timedelta(0):
            raise SourceError("hold", 'cannot be negative: write "0s" to hold nothing')
        if self.remind_every < timedelta(0):
            raise SourceError("remind_every", 'cannot be negative: write "0s" to be told once')
        if not timedelta(0) < self.deadline <= _LONGEST:
            raise SourceError("deadline", 'must be above zero and at most a day: write "60s"')

    def _check_times(self) -> None:
        _explained("ignore", lambda: self.ignored)
        _explained("timezone", lambda: parse_timezone(self.timezone))
        _explained("schedule", lambda: _schedule(self.schedule, self.timezone))


def check_key(key: str) -> None:
    """Refuse an API key that cannot go into a header as it is (fault 49).

    Raises:
        SourceError: the key is empty, or holds a newline, a space, a control character or
            anything but ASCII.
    """
    if not key:
        raise SourceError("api_key", "is empty: set it to the key that the gateway gave you")
    if key.strip() != key and _KEY.fullmatch(key.strip()):
        raise SourceError(
            "api_key", "begins or ends with a space or newline: remove it, it is not part of a key"
        )
    if not key.isascii():
        raise SourceError("api_key", "holds a character that is not ASCII: copy the key again")
    if not _KEY.fullmatch(key):
        raise SourceError(
            "api_key", "holds a newline, space or control character: copy the key again"
        )


def check_url(url: str) -> None:
    """Refuse an address that cannot be fetched, or would show the key to the network.

    `http` is for loopback, private addresses and names that exist only in a private network.

    Raises:
        SourceError: not such an address.
    """
    parts = _split("url", url, ("http", "https"))
    if parts.username is not None or parts.password is not None:
        raise SourceError("url", "holds a user name or password: take it out, the key is api_key")
    if parts.fragment:
        raise SourceError("url", "holds a #fragment, which no server sees: take it out")
    if parts.scheme == "http" and not is_inside(parts.hostname or ""):
        raise SourceError(
            "url", "is plain http to a public host, which would show the key: write https://"
        )


def _check_labels(labels: Mapping[str, str]) -> None:
    for name, value in labels.items():
        if not _LABEL.fullmatch(name):
            raise SourceError(
                "labels", "is named by letters, digits and _, a letter first: write team"
            )
        if not _LABEL_VALUE.fullmatch(value):
            raise SourceError("labels", f"{name} is not 1 to 100 characters without control ones")


def _check_proxy(proxy: str) -> None:
    parts = _split("proxy", proxy, ("http", "https"))
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise SourceError("proxy", "is an address without a path: write http://proxy.internal:3128")


# Thousands of sources have few schedules.
_schedule = lru_cache(maxsize=1024)(Schedule.parse)


# Nor have they many addresses.
@lru_cache(maxsize=1024)
def _split(key: str, url: str, schemes: tuple[str, ...]) -> SplitResult:
    wanted = " or ".join(f"{scheme}://" for scheme in schemes)
    if not _URL.fullmatch(url) or "\\" in url:
        raise SourceError(key, "holds a character that no URL may hold: percent-encode it")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise SourceError(key, "is not a URL: check its brackets and its port") from None
    if parts.scheme not in schemes or not parts.hostname:
        wrong = "is not a complete address"
        raise SourceError(key, f"{wrong}: it begins with {wanted} and names a host")
    if port == 0:
        raise SourceError(key, "names port 0, which nothing listens on")
    if "[" not in parts.netloc and not is_plain_name(parts.hostname):
        raise SourceError(key, "names a host that cannot be looked up: check its spelling")
    return parts


def _explained(key: str, parse: Callable[[], object]) -> None:
    try:
        parse()
    except InvalidInputError as error:
        raise SourceError(key, str(error)) from None
