"""Mirror of `web/access`."""
