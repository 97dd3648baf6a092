"""The table of a catalog: its rows, which of them are wanted, and how each is shown."""
