"""Planners: a question in, a Plan out. The embedded one needs no model."""
