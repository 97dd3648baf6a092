"""The tables of models: their rows, which of them are wanted, and how each is shown."""
