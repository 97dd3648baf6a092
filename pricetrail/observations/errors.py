"""What can be wrong with what a person asks to import."""

from pricetrail.catalog.errors import PricetrailError


class InputError(PricetrailError):
    """A file, folder or repository that cannot be read as what it should be."""

    exit_code = 2
