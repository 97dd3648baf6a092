"""What programs ask: one file a group of addresses, each with its `router`."""
