"""Who may see what: an Asker, and one pure decision used by every surface."""

from tools.access.asker import Asker
from tools.access.decide import Allowed, Usage, decide
from tools.access.policy import Policy, Role

__all__ = ["Allowed", "Asker", "Policy", "Role", "Usage", "decide"]
