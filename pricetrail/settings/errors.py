"""What can be wrong with a configuration."""

from pricetrail.catalog.errors import PricetrailError


class SettingsError(PricetrailError):
    """Names the file, the key and the remedy; a value is never repeated, it may be a secret."""

    exit_code = 2
