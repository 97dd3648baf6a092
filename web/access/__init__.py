"""Closed by default: who may ask, under which name of the server, and how often they may guess."""
