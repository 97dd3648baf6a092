"""What makes a catalog suspicious: too much gone or repriced at once, or by too much."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from pricetrail.catalog import event_types as kinds
from pricetrail.catalog.amounts import EXACT, plain, without_noise
from pricetrail.catalog.documents import is_price_path
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.units import RATIO, unit
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.source import Source

# Below this many models a share says little: one of five gone is already 20 %.
FEWEST_FOR_SHARES = 10
CONFIRMING_POLLS = 3
CONFIRMING_TIME = timedelta(minutes=30)


def emptiness(source: Source, new: NewVersion, models_before: int) -> str | None:
    """Why a catalog without a model is to be set aside; None where it has some, or may."""
    if len(new.catalog) == 0 and not source.allow_empty:
        return f"the catalog is empty, {models_before} models before (allow_empty)"
    return None


def suspicion(source: Source, new: NewVersion, models_before: int) -> str | None:
    """Why a catalog is to be set aside, in one line; None where it is not."""
    empty = emptiness(source, new, models_before)
    if empty is not None:
        return empty
    slip = unit_slip(source, new)
    if slip is not None:
        return slip
    if models_before < FEWEST_FOR_SHARES:
        return None
    counts = new.counts
    limits = (
        ("removed", source.max_removed_percent, "gone", "max_removed_percent"),
        ("repriced", source.max_repriced_percent, "repriced", "max_repriced_percent"),
    )
    for name, limit, word, key in limits:
        if counts[name] * 100 > limit * models_before:
            share = f"{counts[name]} of {models_before} models"
            return f"{share} {word} at once (over {limit} %, {key})"
    return None


def unit_slip(source: Source, new: NewVersion) -> str | None:
    """Why a price that moved by a whole unit's worth is to be set aside; None where none did."""
    limit = source.max_price_ratio
    slips = [
        (model, change.path, change.old, change.new)
        for model, changed in new.changed.items()
        for change in changed.compared
        if isinstance(change.old, Decimal)
        and isinstance(change.new, Decimal)
        and is_price_path(change.path)
        and unit(change.path) != RATIO
        and _slipped(change.old, change.new, limit)
    ]
    if not slips:
        return None
    model, path, before, after = slips[0]
    more = f" and {len(slips) - 1} more prices" if len(slips) > 1 else ""
    return (
        f"{model} {dotted(path)} went from {plain(before)} to {plain(after)}{more}: "
        f"{plain(limit)} times or more apart (max_price_ratio)"
    )


def _slipped(old: Decimal, new: Decimal, limit: Decimal) -> bool:
    # From or to zero there is no ratio: free is a price like any other.
    smaller, larger = sorted(map(without_noise, (old, new)))
    return smaller > 0 and larger >= EXACT.multiply(smaller, limit)


def confirms_itself(new: NewVersion) -> bool:
    """Whether polls that agree may release it: an empty catalog never releases itself."""
    return len(new.catalog) > 0


@dataclass(frozen=True, slots=True)
class Agreement:
    """So many polls in a row have brought the same catalog, over that time."""

    polls: int
    lasted: timedelta

    @property
    def confirms(self) -> bool:
        """Whether that is enough to believe a catalog."""
        return self.polls >= CONFIRMING_POLLS and self.lasted >= CONFIRMING_TIME


def polls_in_a_row(polls: int, last_at: datetime, last_poll_at: datetime | None) -> int:
    """How many polls in a row brought a catalog, with this one; `polls` had by `last_at`.

    A poll that failed, or brought another catalog, begins the row anew.
    """
    return polls + 1 if last_at == last_poll_at else 1


def agreement(polls: int, began: datetime, now: datetime) -> Agreement:
    """How long polls have agreed, by when the first of them ended."""
    if began > now:
        # That was by a clock that ran ahead: how long they have agreed is not known.
        return Agreement(1, timedelta(0))
    return Agreement(polls, now - began)


def summary(new: NewVersion) -> dict[str, int]:
    """What accepting the catalog would have announced."""
    names = [kind.removeprefix("model.") for kind in kinds.COUNTED_TYPES]
    return {name: new.counts[name] for name in names}
