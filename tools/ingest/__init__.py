"""Files people have, as a workspace: loaded with an account of every row, described, with proposed metrics."""

from tools.ingest.init_workspace import init_workspace
from tools.ingest.load_files import load_files
from tools.ingest.propose import Proposal, propose
from tools.ingest.report import DeclinedFile, InitReport, LoadedTable, LoadReport, ReportedRow

__all__ = [
    "DeclinedFile",
    "InitReport",
    "LoadReport",
    "LoadedTable",
    "Proposal",
    "ReportedRow",
    "init_workspace",
    "load_files",
    "propose",
]
