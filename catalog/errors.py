"""The root of the error tree; every error says whether trying again can help."""


class PricetrailError(Exception):
    """Something a person can act on: `str(error)` is one clear line that names the remedy."""

    retry = False


class CatalogError(PricetrailError):
    """A body that cannot be accepted as a catalog; the last good snapshot stays the baseline."""
