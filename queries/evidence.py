"""The questions of `pricetrail evidence`: what proves a price, and whether a bundle proves one."""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog import evidence
from pricetrail.catalog.errors import FailedError
from pricetrail.catalog.evidence import Finding
from pricetrail.catalog.saved_heads import SavedHead, saved_head
from pricetrail.catalog.strict_json import dumps, loads, printable
from pricetrail.queries.proofs import bundle
from pricetrail.storage.database import Transaction
from pricetrail.storage.sources import choose


@dataclass(frozen=True, slots=True)
class EvidenceAnswer:
    """A bundle that proves a price: its JSON text, and the head that it leads to."""

    text: str
    head: SavedHead

    def as_json(self) -> dict[str, object]:
        """The bundle (contract, section 10)."""
        document: dict[str, object] = loads(self.text)
        return document


@dataclass(frozen=True, slots=True)
class WrittenBundle:
    """A file that a bundle was written to, its bytes, and the head that the bundle leads to."""

    file: str
    bytes: int
    head: SavedHead

    def as_json(self) -> dict[str, object]:
        """The shape of `evidence MODEL`."""
        return {"file": self.file, "bytes": self.bytes, "head": str(self.head)}


@dataclass(frozen=True, slots=True)
class CheckAnswer:
    """What checking a bundle found; `saved_head` is what was given to prove it by.

    `claim` is the bundle's own, letter for letter, where all of it fits.
    """

    finding: Finding
    saved_head: SavedHead | None
    claim: dict[str, object] | None

    @property
    def ok(self) -> bool:
        """Whether all of it fits."""
        return not self.finding.problems

    def as_json(self) -> dict[str, object]:
        """The shape of `evidence check`."""
        finding = self.finding
        return {
            "ok": self.ok,
            "problems": finding.problems,
            "claim": self.claim,
            "head": finding.head,
            "chain": {"seen_from": finding.since, "seen_until": finding.until},
            "saved_head": None if self.saved_head is None else str(self.saved_head),
            "vouched_until_version": finding.covered,
            "proven": finding.proven,
            "said": finding.said,
        }


def ask(
    transaction: Transaction,
    source: str | None,
    model: str,
    at: datetime | None = None,
    *,
    with_bodies: bool = False,
) -> EvidenceAnswer:
    """The bundle that proves what a model cost at a time; None for as it was last seen.

    Args:
        with_bodies: carry the lists as they were served as well.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: nothing to answer from, as `price`.
        UnprovenError: by the chain, which a clock that was ahead has dated, it was otherwise.
        FailedError: the history does not prove it: it was changed.
    """
    state = choose(transaction, source)
    text = printable(dumps(bundle(transaction, state, model, at, with_bodies=with_bodies)))
    # What is handed out is what is checked: the text.
    document = loads(text)
    finding = evidence.check(document)
    if finding.problems:
        remedy = "run `pricetrail verify`"
        raise FailedError(f"the history does not prove it ({finding.problems[0]}): {remedy}")
    version = document["chain"]["links"][-1]["version"]
    return EvidenceAnswer(text, saved_head(f"{version}:{finding.head}"))


def ask_check(content: bytes, saved: SavedHead | None = None) -> CheckAnswer:
    """Whether a bundle proves its claim; needs no database.

    Args:
        saved: a head that the reader trusts; without it a bundle only agrees with itself.

    Raises:
        CatalogError: it is not JSON as it should be.
    """
    document = loads(content)
    finding = evidence.check(document, saved)
    return CheckAnswer(finding, saved, None if finding.problems else document["claim"])
