"""Mirror of `web/tables`."""
