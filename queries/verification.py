"""The question of `pricetrail verify`: whether the whole history still agrees with its hashes."""

from collections.abc import Callable
from dataclasses import dataclass

from pricetrail.catalog import merkle
from pricetrail.catalog.errors import FailedError, NotFoundError
from pricetrail.catalog.saved_heads import HeadPrefix, HeadWitness
from pricetrail.storage.database import Transaction
from pricetrail.storage.sources import choose, states
from pricetrail.storage.verification import heads, last
from pricetrail.storage.verification.last import LastVerification
from pricetrail.storage.verification.rows import Break
from pricetrail.storage.verification.verify import Verdict, verify


@dataclass(frozen=True, slots=True)
class VerificationAnswer:
    """What recomputing a history showed; `saved_head` is what was given to compare it with."""

    verdict: Verdict
    saved_head: HeadWitness | None

    @property
    def ok(self) -> bool:
        """Whether nothing is broken."""
        return self.verdict.ok

    def as_json(self) -> dict[str, object]:
        """The shape of `verify`."""
        verdict, saved = self.verdict, self.saved_head
        return {
            "source": verdict.source,
            "ok": verdict.ok,
            "snapshots": verdict.snapshots,
            "version": verdict.version,
            "head": merkle.hash_text(verdict.head),
            "first_break": None if verdict.first_break is None else _break(verdict.first_break),
            "bodies_pruned": verdict.bodies_pruned,
            "saved_head": None if saved is None else self._saved(saved),
        }

    @property
    def remark(self) -> str | None:
        """How weak a witness the beginning of a head is; None for a whole one, or for none."""
        if not isinstance(self.saved_head, HeadPrefix):
            return None
        bits = self.saved_head.bits
        return (
            f"this head is a prefix of {bits} bits out of 256: no accident matches it, but "
            f"someone able to try about 2^{bits} histories could make one that does; a whole "
            "head, from `pricetrail head` or a message of the format json, leaves no such room"
        )

    def _saved(self, saved: HeadWitness) -> dict[str, object]:
        given: dict[str, object] = {"head": str(saved), "found_at_version": self.verdict.saved_at}
        if self.remark is not None:
            given |= {"bits": saved.bits, "remark": self.remark}
        return given


@dataclass(frozen=True, slots=True)
class VerificationsAnswer:
    """What recomputing the histories of one source, or of all, showed."""

    answers: tuple[VerificationAnswer, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `verify`: of one source its own, of several `ok` and each of theirs."""
        if len(self.answers) == 1:
            return self.answers[0].as_json()
        ok = all(answer.ok for answer in self.answers)
        return {"ok": ok, "sources": [answer.as_json() for answer in self.answers]}


def names(transaction: Transaction, source: str | None, saved: HeadWitness | None) -> list[str]:
    """The sources that are to be verified: the one that is named, that has the head, or all.

    Raises:
        NotFoundError: no such source, or there is none yet.
        FailedError: the head is that of no source.
    """
    if source is not None:
        return [choose(transaction, source).name]
    known = [state.name for state in states(transaction) if state.head_version]
    if len(known) <= 1:
        return known or [choose(transaction, None).name]
    if saved is None:
        return known
    owner = heads.find_source(transaction, saved)
    if owner is None:
        raise FailedError(
            f"no source has the head {saved}, and there are several: say whose it is with "
            f"--source ({', '.join(known)}), to hear where its history differs"
        )
    return [owner]


def ask(
    transaction: Transaction,
    source: str | None = None,
    saved: HeadWitness | None = None,
    advance: Callable[[int], object] = lambda _done: None,
) -> VerificationAnswer:
    """Recompute every hash, document, price and event of a source, up to the first break.

    Args:
        source: needed only where there are several.
        saved: a head that was kept elsewhere, or its beginning: this one or an older one of the
            same chain.
        advance: told after each of the source's versions that one more is done.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, or it has no version yet and no saved head asks for one.
    """
    state = choose(transaction, source)
    if not state.head_version and saved is None:
        raise NotFoundError(f"{state.name} has no snapshot yet: run `pricetrail poll`")
    return VerificationAnswer(verify(transaction, state, saved, advance), saved)


def ask_last(transaction: Transaction, source: str | None = None) -> LastVerification | None:
    """What the last `pricetrail verify` wrote down; None where there was none.

    It stands in the same database: whoever could change the history could change it too.

    Raises:
        SourceNeededError, NotFoundError: as `choose`.
    """
    return last.find(transaction, choose(transaction, source).id)


def _break(broken: Break) -> dict[str, object]:
    return {"version": broken.version, "what": broken.what, "why": broken.why}
