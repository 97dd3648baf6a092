"""Mirror of `web/api`."""
