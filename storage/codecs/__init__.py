"""How bodies, documents and changes are packed: encode and decode."""
