"""The recipes for workflow engines, each run by its engine in an environment of its own."""
