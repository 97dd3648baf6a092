"""The demo: a gateway of our own on loopback, a made-up catalog that moves, and what follows."""
