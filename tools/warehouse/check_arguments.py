"""What may stand in an aggregate: no order, arithmetic or mixture by which one row could be singled out."""

from __future__ import annotations

from tools.warehouse.cell_checks import PUBLISHABLE
from tools.warehouse.cell_relations import Relation
from tools.warehouse.guard_errors import is_aggregate
from tools.warehouse.order_values import ORDERING, is_mixed
from tools.warehouse.row_level import row_level
from tools.warehouse.shape import LINEAR, STORED, WILD, is_tuple, shape_of
from tools.warehouse.tree_parts import Tree


def without_order(item: Tree) -> None:
    """`quantile_cont(0.5 order by x)` as `quantile_cont(x, 0.5)`, in place; no order where it decides nothing."""
    name = str(item.get("function_name")).lower()
    orders = (item.get("order_bys") or {}).get("orders") or []
    if not is_aggregate(item) or not orders or name not in PUBLISHABLE:
        return
    if name.startswith("quantile") and len(item["arguments"]) == 1:
        if len(orders) > 1 or orders[0]["type"] == "DESCENDING":
            raise row_level(f"Write {name}(x, 0.5): the column first, without ORDER BY.")
        item["arguments"].insert(0, {"name": "", "expression": orders[0]["expression"]})
    item["order_bys"] = {**item["order_bys"], "orders": []}


def check_shapes(name: str, arguments: list[Tree], source: Relation, *, distinct: bool) -> None:
    """Decline what arithmetic could make one row's (tools/warehouse/shape.py)."""
    if name in ("grouping", "grouping_id"):
        return
    if name.startswith(("quantile", "approx_quantile")):
        arguments = arguments[:1]
    if name in ("count", "approx_count_distinct") and all(is_tuple(each, source.shapes) for each in arguments):
        return
    shapes = [shape_of(each, source.shapes, ordered=name in ORDERING) for each in arguments]
    if len(arguments) > 1 and any(each.kind != STORED for each in shapes):
        raise row_level(f"{name} takes columns as they are stored: a computed weight could single one row out.")
    several = any(each.kind == LINEAR and len(each.columns) > 1 for each in shapes)
    if any(each.kind == WILD for each in shapes) or (
        several and (distinct or name in ("approx_count_distinct", "entropy"))
    ):
        raise row_level(
            "What is aggregated is a column, a sum, product or ratio of columns, or a rounded column: arithmetic could "
            "single one row out. Write a condition, which is counted: CASE WHEN, or FILTER (WHERE ...)."
        )


def check_order(arguments: list[Tree], source: Relation) -> None:
    if any(is_mixed(each, source.computed, source.mixed) for each in arguments):
        raise row_level(
            "A least, greatest or middle value of several columns put together could be one row's: use avg or sum, "
            "one column, or date_diff of two times."
        )
