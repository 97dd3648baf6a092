"""How certain a claim may be by the chain alone: what its links allow, and what is too strong.

The chain tells when each version was first seen, and when the one before it was last seen. Between
these times of one version a price was the same at both ends; between two versions it changed, or
both agree on it.
"""

from collections.abc import Iterator, Mapping

from pricetrail.catalog.bundle_reading import ChainLink, Claim, Instant, Side

OBSERVED, BRACKETED, GAP = "observed", "bracketed", "gap"


class Stretches:
    """When each version may have been seen, by the links of a chain."""

    def __init__(self, links: Mapping[int, ChainLink]) -> None:
        self._links = links

    def first_seen(self, version: int) -> Instant:
        """When polls first saw a version."""
        return self._links[version].not_after

    def last_seen(self, version: int) -> Instant | None:
        """When polls last saw a version before the next one; None where there is no next one."""
        following = self._links.get(version + 1)
        first = self.first_seen(version)
        return None if following is None else max(first, following.not_before or first)

    def holds(self, version: int, at: Instant) -> bool:
        """Whether a version may have been seen then: from its first sighting to its last."""
        return version in self._links and self.first_seen(version) <= at and self.reach(version, at)

    def reach(self, version: int, at: Instant) -> bool:
        """Whether a version, or one before it, may still have been seen then."""
        last = self.last_seen(version)
        return last is None or at <= last

    def began(self, version: int, at: Instant) -> bool:
        """Whether a version had been seen by then."""
        return version in self._links and self.first_seen(version) <= at


def overstated(claim: Claim, seen: Stretches, *, agreed: bool) -> Iterator[str]:
    """Where a claim says more than the links allow, each in a sentence.

    Args:
        agreed: whether the next version is proven to have the same prices as the one claimed.
    """
    version = claim.stated.version
    if claim.certainty not in (OBSERVED, BRACKETED, GAP):
        yield "the claim does not say how certain it is: observed, bracketed or gap"
    elif claim.at < seen.first_seen(version):
        yield f"version {version} was first seen after the time asked about"
    elif seen.began(version + 1, claim.at) and not set_aside(claim):
        yield f"version {version + 1} was there already at the time asked about"
    elif not (claim.since <= claim.until and seen.holds(version, claim.since)):
        yield f"version {version} was not seen from {claim.since} on"
    elif claim.certainty == OBSERVED:
        yield from _observed(claim, seen, agreed=agreed)
    else:
        yield from _two_sided(claim, seen)


def set_aside(claim: Claim) -> bool:
    """Whether the next version may have been seen by then, and been set aside at first."""
    after = claim.after
    return claim.certainty == GAP and after is not None and after.version != claim.stated.version


def _observed(claim: Claim, seen: Stretches, *, agreed: bool) -> Iterator[str]:
    """Good polls before and after the time agree: one version, or two with the same prices."""
    version = claim.stated.version
    last = version + 1 if agreed else version
    if claim.before is not None or claim.after is not None:
        yield "an observed price has no two sides"
    if not claim.since <= claim.at <= claim.until:
        yield "what was observed does not reach the time asked about"
    elif not seen.reach(last, claim.at):
        yield (
            f"the catalog changed between {seen.last_seen(version)} and "
            f"{seen.first_seen(version + 1)}: unless versions {version} and {version + 1} are "
            "proven to agree, the price was not observed"
        )
    elif not seen.reach(last, claim.until):
        yield f"version {last} was not seen until {claim.until}"


def _two_sided(claim: Claim, seen: Stretches) -> Iterator[str]:
    """A sighting before the time, and one after it; after the last poll there may be none."""
    version, before, after = claim.stated.version, claim.before, claim.after
    if not (claim.until <= claim.at and seen.holds(version, claim.until)):
        yield f"version {version} was not seen until {claim.until}"
    if before is None or before.version != version or not _seen_at(before, seen):
        yield f"it is not said when version {version} was seen before, or it was not seen then"
    elif before.at is not None and before.at > claim.at:
        yield f"what was seen before is of {before.at}, which is after the time asked about"
    if after is None:
        if claim.certainty == BRACKETED:
            yield "a bracketed price has two sides"
        return
    allowed = (version + 1,) if claim.certainty == BRACKETED else (version, version + 1)
    if after.version not in allowed or not _seen_at(after, seen):
        yield f"version {after.version} was not seen after it at {after.at}"
    elif after.at is not None and after.at < claim.at:
        yield f"what was seen after is of {after.at}, which is before the time asked about"


def _seen_at(side: Side, seen: Stretches) -> bool:
    return side.at is not None and seen.holds(side.version, side.at)
