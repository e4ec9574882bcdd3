"""Prose with placeholders, for the words of answers: `tools.reporting.prose` holds the rule."""

from tools.reporting.prose import render

__all__ = ["render"]
