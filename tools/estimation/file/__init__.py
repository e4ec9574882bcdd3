"""Design-based estimates from a CSV, TSV or Parquet file: what `transect estimate` does.

    EstimateRequest     what to estimate, of which columns, under which design
    estimate_file       the file and the request in, an EstimateReport out

Only the columns a request names are read, into numpy; memory grows with rows, not with the width of the file.
"""

from tools.estimation.file.estimate_file import estimate_file
from tools.estimation.file.report import DesignReport, EstimateReport
from tools.estimation.file.request import EstimateRequest

__all__ = ["DesignReport", "EstimateReport", "EstimateRequest", "estimate_file"]
