"""Processes that run SQL text for one role and can do nothing else. Import the modules: the child must stay light."""
