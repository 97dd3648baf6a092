"""Files: whole or not there at all, compressed or not, tables of rows."""
