"""What stops the reading of usage."""

from pricetrail.catalog.errors import PricetrailError


class UsageFileError(PricetrailError):
    """The file is no table of usage: its columns, its encoding or its format."""

    exit_code = 2
