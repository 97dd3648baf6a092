"""Whether a catalog is accepted or set aside: decided by what is there, and nothing written."""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.catalogs import Limits
from pricetrail.catalog.diffs import same_catalog
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.polls import quarantine_rules
from pricetrail.jobs.polls.candidates import Candidate
from pricetrail.jobs.polls.quarantine_rules import Agreement
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import polls, quarantine
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.quarantine import HELD, SetAside


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of a catalog.

    `reason`: why it is suspicious, None for most. `entry`: the same catalog as it was set aside
    earlier, and `agreement` how long polls have brought it, where that may come to count;
    `confirmed`: it has come for long enough to be believed after all.
    """

    reason: str | None = None
    entry: SetAside | None = None
    agreement: Agreement | None = None
    confirmed: bool = False

    @property
    def accepted(self) -> bool:
        """Whether the catalog is to be the next version."""
        return self.reason is None or self.confirmed

    @property
    def seen_first(self) -> datetime | None:
        """When a catalog that is confirmed now came first."""
        return self.entry.first_at if self.entry is not None and self.confirmed else None


def decide(
    connection: Transaction, source: Source, poll: Poll, new: NewVersion, candidate: Candidate
) -> Verdict:
    """Whether a suspicious catalog is to be set aside, or polls have agreed on it long enough."""
    rule = quarantine_rules.suspicion
    other = candidate.anew or poll.source.has_other_key(source.fingerprint)
    if candidate.before is not None and other:
        # Another account's list, or another gateway's, may differ by any number of models; none at
        # all is odd still.
        rule = quarantine_rules.emptiness
    reason = rule(source, new, candidate.models_before)
    if reason is None:
        return Verdict()
    entry = find_entry(connection, source, poll, new)
    if entry is None or entry.state != HELD:
        return Verdict(reason, entry)
    agreement = _agreement(connection, poll, entry)
    confirmed = agreement.confirms and quarantine_rules.confirms_itself(new)
    return Verdict(reason, entry, agreement, confirmed)


def find_entry(
    connection: Transaction, source: Source, poll: Poll, new: NewVersion
) -> SetAside | None:
    """The entry of a catalog, as comparison goes, that nothing was accepted after."""
    entries = quarantine.undecided(connection, poll.source.id)
    current = [entry for entry in entries if entry.base_version == poll.source.head_version]
    same = (entry for entry in reversed(current) if _is_same(connection, source, entry, new))
    return next(same, None)


def _is_same(connection: Transaction, source: Source, entry: SetAside, new: NewVersion) -> bool:
    if entry.catalog_root == new.root:
        return True
    if entry.models != len(new.catalog):
        return False
    body = quarantine.body_of(connection, entry.id)
    catalog = source.reader.read(body, new.catalog, Limits(entry.models))
    return same_catalog(catalog, new.catalog, source.ignored)


def _agreement(connection: Transaction, poll: Poll, held: SetAside) -> Agreement:
    in_a_row = quarantine_rules.polls_in_a_row(held.polls, held.last_at, poll.source.last_poll_at)
    began: datetime | None = poll.finished_at
    if in_a_row > 1:
        began = polls.finished(connection, poll.source.id, in_a_row - 1)
    return quarantine_rules.agreement(in_a_row, began or held.first_at, poll.finished_at)
