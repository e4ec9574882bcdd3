"""The Slack bot: it listens, works and posts; what it says comes from `agent`."""
