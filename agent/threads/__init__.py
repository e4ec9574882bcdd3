"""Conversations: what is kept of each turn, who may read it, and where it is kept.

PastTurn                              a question and what came of it: no rows, no item text
remember                              a turn to a PastTurn
add_turns, turns_before               their order: a message that is answered again takes its own place
readable                              the turns that this asker, and everyone who reads along, may see
open_threads, Threads                 `.transect/threads.db`, LangGraph's checkpoints; deleting it loses nothing paid
"""

from agent.threads.in_order import add_turns, turns_before
from agent.threads.open_threads import Threads, open_threads, read_turns
from agent.threads.past_turn import PastTurn
from agent.threads.readable import readable
from agent.threads.remember import remember

__all__ = ["PastTurn", "Threads", "add_turns", "open_threads", "read_turns", "readable", "remember", "turns_before"]
