"""The real history that lies beside the checkout: half a year of a marketplace's catalog."""

import os
from pathlib import Path

from pricetrail.jobs.imports.inputs import from_paths
from pricetrail.jobs.imports.observations import Observation

_ROOT = Path(__file__).resolve().parents[1]
MISSING = "skipped: no shared/data beside the checkout (PRICETRAIL_SHARED names another place)"


def folder() -> Path | None:
    """Where it is; None where it is not."""
    beside = Path(os.environ.get("PRICETRAIL_SHARED") or _ROOT.parent / "shared")
    data = beside / "data"
    return data if data.is_dir() else None


def observations(data: Path, limit: int | None = None) -> list[Observation]:
    """The observations, oldest first; the first `limit` of them where it is given."""
    items = from_paths([data / "openrouter-2026.jsonl.xz"]).read(lambda _: None)
    return [item for item in items if isinstance(item, Observation)][:limit]
