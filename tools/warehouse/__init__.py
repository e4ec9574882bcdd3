"""The data people ask about: trusted compiled SQL and untrusted SQL text, as two methods."""

from tools.warehouse.duckdb_warehouse import open_warehouse
from tools.warehouse.rows import Receipt, Rows, Warehouse

__all__ = ["Receipt", "Rows", "Warehouse", "open_warehouse"]
