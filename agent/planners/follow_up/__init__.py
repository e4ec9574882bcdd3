"""Follow-ups without a model: a fragment is read onto the query before it, or not at all."""

from agent.planners.follow_up.offer import FollowUp
from agent.planners.follow_up.read_follow_up import read_follow_up

__all__ = ["FollowUp", "read_follow_up"]
