"""Mirror of `web/pages`."""
