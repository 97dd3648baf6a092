"""How anything is said to a person, whatever shows it."""
