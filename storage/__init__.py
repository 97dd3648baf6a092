"""Tables, snapshots, events, outbox and prices as of a time: the only SQLAlchemy code."""
