"""Which pricetrail this is."""

from importlib.metadata import version

VERSION = version("pricetrail")
