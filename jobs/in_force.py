"""What of the configuration is in force: one state of it, which is exchanged as a whole.

A poll or a delivery that is in hand keeps the state that it began with.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from pricetrail.alerts.webhooks import Webhook, Webhooks
from pricetrail.jobs.source import Source

Sources = Mapping[str, Source]


class Files(Protocol):
    """The values that stand in files of their own, which somebody may write anew at any time."""

    def webhook(self, webhook: Webhook) -> Webhook:
        """The webhook as its files say now."""

    def source(self, source: Source) -> Source:
        """The source as its files said when they were read last."""

    def source_again(self, source: Source) -> Source:
        """The source as its files say now."""


class NoFiles:
    """Every value is as it was loaded."""

    def webhook(self, webhook: Webhook) -> Webhook:
        """The same."""
        return webhook

    def source(self, source: Source) -> Source:
        """The same."""
        return source

    def source_again(self, source: Source) -> Source:
        """The same."""
        return source


class Kept(Protocol):
    """What reads the settings that the database keeps (`source.settings`)."""

    def source(self, name: str, settings: str) -> Source | None:
        """A source as its settings say; None where they are faulty, which was told then."""


class NothingKept:
    """Every source is one of the configuration."""

    def source(self, name: str, settings: str) -> Source | None:
        """None."""


@dataclass(frozen=True, slots=True)
class Configured:
    """A state of the configuration; only the values in `files` may follow what stands there.

    `sources` are the configuration's own; those of the database are read as they are needed.
    """

    sources: Sources = field(default_factory=dict)
    webhooks: Webhooks = field(default_factory=dict)
    files: Files = field(default_factory=NoFiles)
    kept: Kept = field(default_factory=NothingKept)

    def find_source(self, name: str, settings: str | None) -> Source | None:
        """A source of the configuration, else as the database has it; None where neither can.

        Args:
            settings: what its row says (`source.settings`).
        """
        source = self.sources.get(name)
        if source is not None or settings is None:
            return source
        return self.kept.source(name, settings)

    def find_webhook(self, name: str) -> Webhook | None:
        """A webhook as its files say now; None where it is not configured."""
        webhook = self.webhooks.get(name)
        return None if webhook is None else self.files.webhook(webhook)


class InForce:
    """Holds the state that is in force."""

    def __init__(self, configured: Configured) -> None:
        self._configured = configured

    @classmethod
    def of(cls, webhooks: "Webhooks | InForce") -> "InForce":
        """The same, or what holds for good: these webhooks, for whoever names a source itself."""
        return webhooks if isinstance(webhooks, InForce) else cls(Configured({}, webhooks))

    @property
    def now(self) -> Configured:
        """The state of now: whoever begins something takes it once."""
        return self._configured

    def replace(self, configured: Configured) -> None:
        """Put another state into force, for whatever begins from now on."""
        self._configured = configured
