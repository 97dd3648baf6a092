"""To be written."""

from pricetrail.catalog.dialects.readings import Reading

VERSION = 1


def read(native: object) -> Reading:
    """Read a whole native list."""
    raise NotImplementedError
