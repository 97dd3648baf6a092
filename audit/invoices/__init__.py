"""Invoices: what somebody charges, read as people and providers write it, and compared."""
