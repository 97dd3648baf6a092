"""What people look at: one file a page, each with its `router`."""
