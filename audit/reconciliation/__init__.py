"""Costs in a file, or on an invoice, beside ours: by how much they differ, and why."""
