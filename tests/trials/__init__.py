"""What is tried by hand, as root: it needs a network, minutes, or a system of its own."""
