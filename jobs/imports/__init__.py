"""Past observations from files, folders and git, taken in as they are."""
