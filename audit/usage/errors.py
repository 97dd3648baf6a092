"""What stops the reading of usage."""

from pricetrail.catalog.errors import InvalidInputError


class UsageFileError(InvalidInputError):
    """The file is no table of usage: its columns, its encoding or its format."""
