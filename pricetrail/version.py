"""Which pricetrail this is: the package, the command, the API and a release read it here."""

VERSION = "0.1.0"
