"""A catalog that a poll brought and that nobody has accepted yet, and the version it would make."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.comparisons import Comparison, compare_catalogs
from pricetrail.catalog.ignored import Ignored
from pricetrail.catalog.versions import NewVersion, VersionDraft, version_from
from pricetrail.jobs.polls import quarantine_rules
from pricetrail.jobs.source import Source
from pricetrail.storage.history.latest import LatestCatalog
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import SourceState


@dataclass(frozen=True)
class Candidate:
    """A catalog that was read, its body as served, and the `head` it follows (None: the first).

    `ignored` is what the source leaves out of comparisons. `anew`: it is read by a dialect that
    cannot read what was accepted before, so that nothing of it can be compared.
    """

    catalog: Catalog
    body: bytes
    body_hash: bytes
    etag: str | None
    head: LatestCatalog | None
    ignored: Ignored
    anew: bool = False

    @property
    def before(self) -> Catalog | None:
        """The catalog of the version before."""
        return self.head.catalog if self.head else None

    @cached_property
    def comparison(self) -> Comparison:
        """What it changes: worked out once, whichever versions are then built of it."""
        return compare_catalogs(self.before, self.catalog, self.ignored)

    @property
    def models_before(self) -> int:
        """How many models the version before has; 0 without one."""
        return len(self.before) if self.before is not None else 0


def new_version(
    source: Source,
    poll: Poll,
    candidate: Candidate,
    *,
    not_earlier: datetime | None = None,
    seen_first: datetime | None = None,
) -> NewVersion:
    """Work out the version that a catalog would make.

    With another key it is a change like any other where the guards pass it, so that no rise
    hides behind a rotation; else it is another account's, which begins anew. So does one of a
    dialect that cannot read what came before.

    Args:
        not_earlier: when the version before is said to have come, where that is after the poll.
        seen_first: when the catalog first came, where it was set aside for a while.
    """
    came = seen_first or poll.finished_at
    not_after = max(came, not_earlier or came)
    first = poll.source.head_version == 0 or candidate.anew
    new = _built(source, poll.source, candidate, not_after, baseline=first)
    if first or candidate.before is None or not poll.source.has_other_key(source.fingerprint):
        return new
    if quarantine_rules.suspicion(source, new, candidate.models_before) is None:
        return new
    return _built(source, poll.source, candidate, not_after, baseline=True)


def _built(
    source: Source,
    state: SourceState,
    candidate: Candidate,
    not_after: datetime,
    *,
    baseline: bool,
) -> NewVersion:
    draft = VersionDraft(
        source=state.name,
        number=state.head_version + 1,
        previous_hash=state.head_hash,
        not_before=state.good_started_at if state.head_version else None,
        not_after=not_after,
        baseline=baseline,
        chain_name=state.chain_name,
        read_by=source.read_by,
    )
    known_schema = candidate.head.known_schema if candidate.head else frozenset()
    return version_from(draft, candidate.comparison, candidate.body_hash, known_schema)
