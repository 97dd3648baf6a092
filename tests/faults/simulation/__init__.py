"""The real poll, guard, hold, routing, outbox and lease code in made-up worlds, each from a seed.

`world` is what happens, `scheduler` who goes on when, `gateway` and `receiver` the outside, `model`
what must come of it, and `checks` holds the one against the other.
"""
