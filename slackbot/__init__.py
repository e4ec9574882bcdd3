"""Slack transport; carries no logic of its own."""
