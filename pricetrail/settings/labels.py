"""The labels of the configured sources, for whoever needs nothing else of them."""

from collections.abc import Mapping

from pricetrail.settings import kinds
from pricetrail.settings.files import Raw
from pricetrail.settings.keys import SOURCES
from pricetrail.settings.kinds import BadValueError
from pricetrail.settings.references import resolved
from pricetrail.settings.tables import tables_of

Labels = Mapping[str, Mapping[str, str]]


def labels_of(raw: Raw, environ: Mapping[str, str]) -> dict[str, Mapping[str, str]]:
    """Each source's labels by its name; none where they cannot be read.

    What is wrong with them is told of the source, by whoever reads all of it.
    """
    return {
        name: _labels(raw, table.get("labels", {}), environ)
        for name, table in tables_of(raw, SOURCES)
    }


def _labels(raw: Raw, given: object, environ: Mapping[str, str]) -> Mapping[str, str]:
    try:
        return kinds.labels(resolved(given, raw.folder, environ))
    except BadValueError:
        return {}
