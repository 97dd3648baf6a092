"""What can be wrong with a configuration."""

from pricetrail.catalog.errors import InvalidInputError


class SettingsError(InvalidInputError):
    """Names the file, the key and the remedy; a value is never repeated, it may be a secret."""
