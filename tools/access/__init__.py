"""Who may see what: an Asker, and one pure decision used by every surface."""

from tools.access.asker import Asker

__all__ = ["Asker"]
