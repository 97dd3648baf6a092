"""What makes a catalog suspicious: too much gone, or too much repriced, at once."""

from datetime import timedelta

from catalog import events as kinds
from catalog.steps import Step
from jobs.source import Source

# Below this many models a share says little: one of five gone is already 20 %.
SMALLEST_JUDGED = 10
CONFIRMING_POLLS = 3
CONFIRMING_TIME = timedelta(minutes=30)


def emptiness(source: Source, step: Step, models_before: int) -> str | None:
    """Why a catalog without a model is to be set aside; None where it has some, or may."""
    if len(step.contents) == 0 and not source.allow_empty:
        return f"the catalog is empty, {models_before} models before (allow_empty)"
    return None


def suspicion(source: Source, step: Step, models_before: int) -> str | None:
    """Why a catalog is to be set aside, in one line; None where it is not."""
    empty = emptiness(source, step, models_before)
    if empty is not None:
        return empty
    if models_before < SMALLEST_JUDGED:
        return None
    counts = step.counts
    limits = (
        ("removed", source.max_removed_percent, "gone", "max_removed_percent"),
        ("repriced", source.max_repriced_percent, "repriced", "max_repriced_percent"),
    )
    for name, limit, word, key in limits:
        if counts[name] * 100 > limit * models_before:
            share = f"{counts[name]} of {models_before} models"
            return f"{share} {word} at once (over {limit} %, {key})"
    return None


def confirms_itself(step: Step) -> bool:
    """Whether polls that agree may release it: an empty catalog never releases itself."""
    return len(step.contents) > 0


def confirmed(polls: int, lasted: timedelta) -> bool:
    """Whether so many polls in a row, over that time, are enough to believe a catalog."""
    return polls >= CONFIRMING_POLLS and lasted >= CONFIRMING_TIME


def summary(step: Step) -> dict[str, int]:
    """What accepting the catalog would have announced."""
    names = [kind.removeprefix("model.") for kind in kinds.MODEL_TYPES]
    return {name: step.counts[name] for name in names}
