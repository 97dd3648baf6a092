"""Mirror of `web/listings`."""
