"""Two catalogs compared once: which models differ, their documents before and after, and how."""

from dataclasses import dataclass
from functools import cached_property

from pricetrail.catalog.catalogs import Catalog
from pricetrail.catalog.diffs import Changed, Difference, changes, compare
from pricetrail.catalog.documents import Document
from pricetrail.catalog.ignored import NOTHING, Ignored


@dataclass(frozen=True)
class Comparison:
    """What `after` changed.

    `old_documents` are those of models that were removed or changed, `new_documents` those of
    models that were added or changed; `before` is None for the first catalog of all.
    """

    before: Catalog | None
    after: Catalog
    ignored: Ignored
    difference: Difference
    old_documents: dict[str, Document]
    new_documents: dict[str, Document]
    changed: dict[str, Changed]

    @property
    def differs(self) -> bool:
        """Whether the catalogs differ in anything that is compared."""
        some = any(changed.compared for changed in self.changed.values())
        return bool(self.difference.added or self.difference.removed or some)

    @cached_property
    def noisy(self) -> frozenset[str]:
        """The models of whose changes comparison leaves some, or all, out."""
        return frozenset(
            model
            for model, changed in self.changed.items()
            if len(changed.compared) < len(changed.served)
        )


def compare_catalogs(
    before: Catalog | None, after: Catalog, ignored: Ignored = NOTHING
) -> Comparison:
    """Compare two catalogs; each model that differs is parsed once, unless reading `after` did.

    Args:
        before: the last accepted catalog, None before the first.
        ignored: the fields that make no change.
    """
    difference = compare(before, after)
    new = {model: after.take(model) for model in (*difference.added, *difference.changed)}
    gone = (*difference.removed, *difference.changed)
    old = {model: before.document(model) for model in gone} if before is not None else {}
    changed = changes(
        {model: old[model] for model in difference.changed},
        {model: new[model] for model in difference.changed},
        ignored,
    )
    return Comparison(before, after, ignored, difference, old, new, changed)
