"""Writes an event as a folder of pages that work without a network, and without JavaScript."""
