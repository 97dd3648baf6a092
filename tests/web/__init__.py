"""Mirror of `web`."""
