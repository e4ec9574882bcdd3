"""Measurement without a chat: pure, typed, usable from a notebook."""
