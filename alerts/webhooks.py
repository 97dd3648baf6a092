"""A destination: where its messages go, in which format, and which events it wants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from pricetrail.alerts.signing import SecretError, key_of
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.event_types import TYPES, UPDATED
from pricetrail.catalog.times import find_zone

JSON, CLOUDEVENTS, ALERTMANAGER = "json", "cloudevents", "alertmanager"
# Each event as data, in order, signed. What else programs take is an alert, for people in the end.
SIGNED = (JSON, CLOUDEVENTS)
PROGRAMS = (*SIGNED, ALERTMANAGER)
APPRISE = "apprise"
# In the order of `channels.CHANNELS`.
FORMATS = (*PROGRAMS, "slack", "discord", "teams", APPRISE)
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

    What is left empty takes the format's own default: `json` and `cloudevents` get every event
    type, strictly in order; `alertmanager` every type but `model.updated`, in order; formats for
    people the same, in no strict order.
    The URL is a secret (Slack's is all that is needed to post), so `repr` shows neither.
    `faults` are the lines that say what of its configuration cannot be used: until that is mended
    it is owed its messages, and sent none.
    `labels` are those of each configured source, by its name; `aliases` the names under which a
    model may have been used.
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
    faults: tuple[str, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    aliases: Aliases = field(default=NO_ALIASES, repr=False)

    def __post_init__(self) -> None:
        if not self.ordering:
            object.__setattr__(self, "ordering", STRICT if self.for_programs else NONE)
        if not self.events:
            object.__setattr__(self, "events", TYPES if self.signed else PEOPLES_TYPES)

    @property
    def for_programs(self) -> bool:
        """Whether a program takes its messages: no pause between them, no word of blips."""
        return self.format in PROGRAMS

    @property
    def signed(self) -> bool:
        """Whether its messages are the events' own data, which can be signed."""
        return self.format in SIGNED

    @property
    def single(self) -> bool:
        """Whether it gets a message an event, and not one a snapshot."""
        return self.signed and not self.batch


# Those of a configuration, by name.
Webhooks: TypeAlias = Mapping[str, Webhook]


def check_settings(webhook: Webhook) -> None:
    """Refuse what could never work; the format and its URL are `alerts.checks.check`'s.

    Raises:
        WebhookError: names the key and the remedy, and prints no secret.
    """
    _one_of("ordering", (webhook.ordering,), (STRICT, NONE))
    _one_of("directions", webhook.directions, DIRECTIONS)
    _check_amount("min_percent", webhook.min_percent)
    _check_amount("min_monthly_usd", webhook.min_monthly_usd)
    _check_secrets(webhook)
    _check_timezone(webhook.timezone)
    if webhook.batch and not webhook.signed:
        raise WebhookError("batch", f"only {_SIGNED} has it; the others always batch")


_SIGNED = "format = " + " or ".join(f'"{name}"' for name in SIGNED)


def _one_of(key: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    unknown = [repr(value) for value in given if value not in known]
    if unknown:
        raise WebhookError(key, f"must be one of {', '.join(known)}, not {', '.join(unknown)}")


def _check_amount(key: str, amount: Decimal | None) -> None:
    if amount is not None and not (amount.is_finite() and amount >= 0):
        raise WebhookError(key, 'write a number of zero or more, such as "1"')


def _check_secrets(webhook: Webhook) -> None:
    if webhook.secrets and not webhook.signed:
        raise WebhookError("secrets", f"only {_SIGNED} is signed: remove them")
    for secret in webhook.secrets:
        try:
            key_of(secret)
        except SecretError as error:
            raise WebhookError("secrets", str(error)) from None


def _check_timezone(name: str) -> None:
    if find_zone(name) is None:
        remedy = "write one such as Europe/Berlin"
        raise WebhookError("timezone", f"{name!r} is unknown: {remedy}")
