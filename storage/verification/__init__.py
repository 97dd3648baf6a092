"""History worked out anew from what is stored, and held against it."""
