"""Schemes: how a standard turns answers into points and levels. A pack says which one is its own."""
