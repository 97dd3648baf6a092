"""The shapes of the configuration's tables (contract, section 4): names and kinds of values.

What a value may be is for `jobs.source` and `alerts.webhooks` to judge; here it gets its type.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from pricetrail.catalog.times import TimeError, duration

_SIZE = re.compile(r"([0-9]{1,12})\s*(B|KiB|MiB|GiB)?", re.ASCII)
_FACTORS = {None: 1, "B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


def _span(value: Any) -> timedelta:
    try:
        return duration(value)
    except (TimeError, AttributeError):
        raise ValueError("not a duration: write 90s, 15m, 1h or 2d") from None


def _bytes(value: Any) -> int:
    match = _SIZE.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise ValueError("not a size: write 16MiB, 512KiB or a number of bytes")
    return int(match[1]) * _FACTORS[match[2]]


def _amount(value: Any) -> Decimal:
    text = str(value).strip()
    if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text, re.ASCII):
        raise ValueError('not a number of zero or more: write one such as "1" or "2.5"')
    return Decimal(text)


def _names(value: Any) -> Any:
    # One is as good as a list of one.
    return (value,) if isinstance(value, str) else value


def path_prefix(value: Any) -> str:
    """A path without the `/` at its end; empty for the root itself.

    Raises:
        ValueError: it is none.
    """
    text = str(value).rstrip("/")
    parts = text.split("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", text, re.ASCII) or {".", ".."} & set(parts):
        raise ValueError("not a path: write one such as /prices")
    return text


Span = Annotated[timedelta, BeforeValidator(_span)]
Bytes = Annotated[int, BeforeValidator(_bytes)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class SourceTable(_Table):
    """`[sources.NAME]`; what is left out takes the default of `jobs.source.Source`."""

    url: str = "https://api.pipellm.ai/v1/models"
    api_key: str
    auth: Literal["bearer", "x-api-key"] = "bearer"
    schedule: str = "*/15 * * * *"
    timezone: str = "UTC"
    confirm_removals: int = 1
    hold: Span = timedelta(0)
    hold_rises: bool = True
    max_removed_percent: Amount = Decimal(30)
    max_repriced_percent: Amount = Decimal(30)
    max_price_ratio: Amount = Decimal(100)
    ignore: Names = ()
    allow_empty: bool = False
    max_body: Bytes = 16 * 1024**2
    max_models: int = 50_000
    deadline: Span = timedelta(seconds=60)
    failing_after: int = 3
    remind_every: Span = timedelta(days=1)
    check_date: bool = True
    labels: dict[str, str] = {}
    ping: str | None = None
    proxy: str | None = None
    ca_file: str | None = None


class WebhookTable(_Table):
    """`[webhooks.NAME]`; what is left out takes the default of `alerts.webhooks.Webhook`."""

    url: str
    format: str = "json"
    secrets: Names = ()
    allow_private: bool = False
    batch: bool = False
    ordering: str = ""
    sources: Names = ("*",)
    events: Names = ()
    models: Names = ()
    type_targets: Names = ()
    min_percent: Amount | None = None
    directions: Names = ()
    fields: Names = ()
    min_monthly_usd: Amount | None = None
    digest: str | None = None
    timezone: str = "UTC"


class WebTable(_Table):
    """`[web]`: where the page and the API are served, and to whom."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    tokens: dict[str, str] = {}
    allowed_hosts: Names = ()
    root_path: Annotated[str, BeforeValidator(path_prefix)] = ""
    trusted_proxies: Names = ()
