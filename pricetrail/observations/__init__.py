"""Past observations, read from files, folders and git: what `import` is fed with."""
