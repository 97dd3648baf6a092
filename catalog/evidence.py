"""Whether a bundle proves its claim, worked out from the bundle and a saved head alone.

What a head covers is proven: which versions there were, when each was first and last seen,
which models and prices it had. The chain holds no polls. That none was missed between two of these
times is what pricetrail says of its own work: a claim may say no more than the links allow, and
what is beyond them is told apart. `docs/evidence-checker.py` holds the same rules.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pricetrail.catalog import merkle
from pricetrail.catalog.bundle_reading import (
    Bundle,
    BundleError,
    ChainLink,
    Claim,
    Proof,
    read_bundle,
)
from pricetrail.catalog.certainty import Stretches, overstated
from pricetrail.catalog.claimed_prices import agree, priced_as
from pricetrail.catalog.documents import model_hash
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.saved_heads import SavedHead


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking a bundle found: `problems` is empty where all of it fits.

    `since` is when the version claimed was first seen, and `until` the last instant that saw it
    before the next version, both as the chain tells; `until` is None where the chain ends with it.
    `head` is the last one in the bundle, `covered` the last version that the saved head covers.
    `proven` and `said` are sentences; without a saved head nothing is proven. `claim` is there
    where there are no problems.
    """

    problems: list[str]
    head: str | None = None
    since: str | None = None
    until: str | None = None
    covered: int | None = None
    proven: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    claim: Claim | None = None


def check(bundle: Any, saved: SavedHead | None = None) -> Finding:
    """Recompute everything that a bundle claims, from itself alone.

    Args:
        saved: a head that the reader trusts; without it a bundle only agrees with itself.
    """
    try:
        checked = _Checked(read_bundle(bundle), saved)
        problems = list(checked.problems())
    except RecursionError:
        return Finding(["the bundle is not whole: it is nested too deeply"])
    except (CatalogError, ValueError, ArithmeticError) as error:
        why = str(error) if isinstance(error, BundleError) else f"the bundle is not whole: {error}"
        return Finding([why])
    return Finding(problems) if problems else checked.finding()


class _Checked:
    """One bundle, and what is found of it."""

    def __init__(self, bundle: Bundle, saved: SavedHead | None) -> None:
        self.claim, self.previous, self.links = bundle.claim, bundle.previous, bundle.links
        self.proofs = bundle.proofs
        self.saved = saved
        self.by_version = {link.version: link for link in self.links}
        self.proven_by = {proof.version: proof for proof in self.proofs}
        self.seen = Stretches(self.by_version)
        # Without a saved head the bundle is asked whether it agrees with itself.
        heads = {link.head: link.version for link in self.links}
        self.covered = heads.get(saved.hash, 0) if saved is not None else self.links[-1].version

    def problems(self) -> Iterator[str]:
        """Everything that does not fit, each in a sentence."""
        yield from self._chain_problems()
        yield from self._head_problems()
        yield from self._proof_problems()
        yield from self._price_problems()
        if self.claim.stated.version in self.by_version:
            yield from overstated(self.claim, self.seen, agreed=self._agreed())

    def _chain_problems(self) -> Iterator[str]:
        claim, first, previous = self.claim, self.links[0], self.previous
        if (first.version, first.head) != (claim.stated.version, claim.head):
            yield "the claim rests on another version than the chain begins with"
        if first.version == 1 and previous != merkle.GENESIS:
            yield "something comes before the first version"
        for index, link in enumerate(self.links):
            if link.version != first.version + index:
                yield f"the chain is not in order at version {link.version}"
            if (link.number, link.source) != (link.version, claim.source):
                yield f"the metadata of version {link.version} is that of another version or source"
            if index and link.not_before is None:
                yield f"version {link.version} does not tell when the one before it was last seen"
            if _head_after(previous, link) != link.head:
                yield f"the chain breaks at version {link.version}"
            previous = link.head

    def _head_problems(self) -> Iterator[str]:
        saved = self.saved
        if saved is None:
            return
        if not self.covered:
            yield f"the saved head {saved} is not in this chain, which is not the one of that head"
        elif saved.version not in (None, self.covered):
            yield f"the saved head is that of version {self.covered}, not {saved.version}"

    def _proof_problems(self) -> Iterator[str]:
        if len(self.proven_by) != len(self.proofs):
            yield "a version is proven twice"
        for proof in self.proofs:
            version, link = proof.version, self.by_version.get(proof.version)
            if link is None:
                yield f"version {version} is not in the chain"
            elif not _belongs(proof, link, self.claim.model):
                yield f"the model does not belong to the catalog of version {version}"
            if 0 < self.covered < version:
                yield (
                    f"the claim rests on version {version}, and the saved head, of version "
                    f"{self.covered}, covers nothing after it: use a later head"
                )
            if link is not None and proof.body is not None and not _is_body(proof.body, link):
                yield f"the body of version {version} is another one"
            if proof.visible and proof.document.get("id") != self.claim.model:
                yield f"the document of version {version} is another model's"
            if not proof.visible and self.claim.model in [name for name, _ in proof.models]:
                yield f"the model is listed in version {version}"

    def _price_problems(self) -> Iterator[str]:
        for side in (self.claim.stated, self.claim.before, self.claim.after):
            if side is None:
                continue
            proof = self.proven_by.get(side.version)
            if proof is None:
                yield f"nothing proves what is said of version {side.version}"
            elif not priced_as(proof.document, side):
                yield f"the prices are not those of the document in version {side.version}"

    def _agreed(self) -> bool:
        """Whether the next version is proven to have the prices of the one claimed."""
        version = self.claim.stated.version
        one, other = self.proven_by.get(version), self.proven_by.get(version + 1)
        if one is None or other is None:
            return False
        return one.visible and other.visible and agree(one.document, other.document)

    def finding(self) -> Finding:
        """What is proven, and what is only said, of a bundle that fits."""
        first, last = self.links[0], self.links[-1]
        until = self.seen.last_seen(first.version)
        trusted = self.saved is not None
        facts, said = list(self._facts()), list(self._beyond())
        return Finding(
            problems=[],
            head=merkle.hash_text(last.head),
            since=first.not_after.text,
            until=until.text if until is not None else None,
            covered=self.covered if trusted else None,
            proven=facts if trusted else [],
            said=said if trusted else [*facts, *said],
            claim=self.claim,
        )

    def _facts(self) -> Iterator[str]:
        claim = self.claim
        for proof in self.proofs:
            link = self.by_version[proof.version]
            listed = "listed" if proof.visible else "did not list"
            priced = ", with the prices given" if proof.visible else ""
            last = self.seen.last_seen(link.version) if link.version < self.covered else None
            until = f" and last seen at {last} before it changed" if last is not None else ""
            yield f"version {link.version} of {claim.source} {listed} {claim.model}{priced}"
            yield f"version {link.version} was first seen at {link.not_after}{until}"
            if link.dialect:
                hashed = merkle.hash_text(link.body_hash)
                carried = ", which the bundle carries" if proof.body is not None else ""
                yield (
                    f"version {link.version} was read by {link.dialect} from the body with hash "
                    f"{hashed}{carried}"
                )

    def _beyond(self) -> Iterator[str]:
        """What the head does not cover."""
        claim, version = self.claim, self.claim.stated.version
        yield (
            f"{claim.certainty}: the chain allows it and holds no polls; that the polls from "
            f"{claim.since} to {claim.until} were made, and that none was missed, is not proven"
        )
        for side in (claim.before, claim.after):
            if side is not None:
                yield f"that a poll saw version {side.version} at {side.at}"
        for proof in self.proofs:
            if dialect := self.by_version[proof.version].dialect:
                yield f"that {dialect} read the body of version {proof.version} rightly"
        yield from self._uncovered_times()
        if self.seen.began(version + 1, claim.at):
            yield f"that version {version + 1} was set aside when it was first seen"
        if self.covered < self.links[-1].version:
            yield f"versions {self.covered + 1} to {self.links[-1].version}: after the saved head"
        yield from (f"{name!r} of the claim: nothing checks it" for name in claim.unchecked)
        yield "that the gateway told the truth"

    def _uncovered_times(self) -> Iterator[str]:
        """What is said of times that no later link covers."""
        claim, last = self.claim, max(self.proven_by)
        times = [claim.at, claim.until]
        if claim.after is not None and claim.after.at is not None:
            times.append(claim.after.at)
        first = self.seen.first_seen(last)
        if last >= self.covered and max(times) > first:
            yield f"that version {last} was still in force after {first}: no later head says so"


def _head_after(previous: bytes, link: ChainLink) -> bytes:
    return merkle.chain(previous, link.metadata, link.catalog_root, link.body_hash)


def _is_body(body: str, link: ChainLink) -> bool:
    return merkle.body_hash(body.encode()) == link.body_hash


def _belongs(proof: Proof, link: ChainLink, model: str) -> bool:
    """Whether a version's root is that of the document, or of all the models that it listed."""
    if proof.visible:
        leaf = merkle.leaf(model, model_hash(proof.document))
        return merkle.root_from_path(leaf, proof.path) == link.catalog_root
    listed = [merkle.leaf(name, digest) for name, digest in proof.models]
    return len(listed) == link.models and merkle.root(listed) == link.catalog_root
