"""Alembic migrations; run by the program itself (`pricetrail db upgrade`, or at first start)."""
