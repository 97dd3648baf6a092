"""Completion in bash, zsh and fish, without loading a command, the settings or SQLAlchemy."""
