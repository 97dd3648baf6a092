"""A destination: where its messages go, in which format, and which events it wants."""

from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.alerts.signing import SecretError, key_of
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.events import TYPES, UPDATED
from pricetrail.catalog.times import find_zone
from pricetrail.text.globs import matches

JSON = "json"
STRICT, NONE = "strict", "none"
DIRECTIONS = ("increase", "decrease", "mixed", "none")

# People are not told of `model.updated` unless they ask: a new display name is no news.
PEOPLES_TYPES = tuple(kind for kind in TYPES if kind != UPDATED)


class WebhookError(InvalidInputError):
    """A setting of one webhook that cannot be used; `key` is its name in the configuration."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(f"{key}: {problem}")
        self.key = key


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """One `[webhooks.NAME]` table of the configuration (contract, section 4).

    What is left empty takes the format's own default: `json` gets every event type, strictly
    in order; formats for people get every type but `model.updated`, in no strict order.
    The URL is a secret (Slack's is all that is needed to post), so `repr` shows neither.
    """

    name: str
    url: str = field(repr=False)
    format: str = JSON
    secrets: tuple[str, ...] = field(default=(), repr=False)
    allow_private: bool = False
    batch: bool = False
    ordering: str = ""
    sources: tuple[str, ...] = ("*",)
    events: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    type_targets: tuple[str, ...] = ()
    min_percent: Decimal | None = None
    directions: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    min_monthly_usd: Decimal | None = None
    digest: str | None = None
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        machine = self.format == JSON
        if not self.ordering:
            object.__setattr__(self, "ordering", STRICT if machine else NONE)
        if not self.events:
            object.__setattr__(self, "events", TYPES if machine else PEOPLES_TYPES)


def check_settings(webhook: Webhook) -> None:
    """Refuse what could never work; the format and its URL are `alerts.channels.check`'s.

    Raises:
        WebhookError: names the key and the remedy, and prints no secret.
    """
    _one_of("ordering", (webhook.ordering,), (STRICT, NONE))
    _one_of("directions", webhook.directions, DIRECTIONS)
    _check_events(webhook.events)
    _check_globs(webhook)
    _check_amount("min_percent", webhook.min_percent)
    _check_amount("min_monthly_usd", webhook.min_monthly_usd)
    _check_secrets(webhook)
    _check_timezone(webhook.timezone)
    if webhook.batch and webhook.format != JSON:
        raise WebhookError("batch", 'only format = "json" has it; the others always batch')


def _one_of(key: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for value in given:
        if value not in known:
            raise WebhookError(key, f"must be one of {', '.join(known)}, not {value!r}")


def _check_events(globs: tuple[str, ...]) -> None:
    for glob in globs:
        if not any(matches(glob.removeprefix("!"), kind) for kind in TYPES):
            raise WebhookError("events", f"{glob!r} matches no event type of {', '.join(TYPES)}")


def _check_globs(webhook: Webhook) -> None:
    for key in ("sources", "models", "type_targets", "fields"):
        globs: tuple[str, ...] = getattr(webhook, key)
        if any(glob.strip() in {"", "!"} for glob in globs):
            raise WebhookError(key, 'an empty pattern matches nothing: remove it, or write "*"')


def _check_amount(key: str, amount: Decimal | None) -> None:
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise WebhookError(key, 'write a number of zero or more, such as "1"')


def _check_secrets(webhook: Webhook) -> None:
    if webhook.secrets and webhook.format != JSON:
        raise WebhookError("secrets", 'only format = "json" is signed: remove them')
    for secret in webhook.secrets:
        try:
            key_of(secret)
        except SecretError as error:
            raise WebhookError("secrets", str(error)) from None


def _check_timezone(name: str) -> None:
    if find_zone(name) is None:
        remedy = "write one such as Europe/Berlin"
        raise WebhookError("timezone", f"{name!r} is unknown: {remedy}")
