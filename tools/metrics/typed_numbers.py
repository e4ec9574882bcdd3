"""Numbers that the writer of SQL text typed into its result: `select 92`, `count(*) * 0 + 92`, `from range(92)`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp


def holds_typed_number(query: exp.Expr) -> bool:
    """Whether a number in the text may end up in the result.

    A number may stand in a condition, as a place in `group by` and `order by`, as a limit, as digits to round to, as
    the share of a quantile, in `count(1)`, and as the 0 or 1 that a `case` gives. Rows come from tables only.
    """
    from sqlglot import exp  # start-up

    if any(True for _ in query.find_all(exp.Values, exp.Unnest, exp.UDTF, exp.Lateral)):
        return True
    if any(not isinstance(table.this, exp.Identifier) for table in query.find_all(exp.Table)):
        return True  # a table function, such as range(92)
    return any(not _may_stand(literal) for literal in query.find_all(exp.Literal) if _is_number(literal))


def _is_number(literal: exp.Literal) -> bool:
    """A number, or a text that is cast: '92'::int."""
    from sqlglot import exp  # start-up

    return not literal.is_string or (isinstance(literal.parent, exp.Cast) and literal.name.strip()[:1].isdigit())


def _may_stand(literal: exp.Literal) -> bool:
    from sqlglot import exp  # start-up

    places = (exp.Predicate, exp.Where, exp.Having, exp.Group, exp.Order, exp.Limit, exp.Offset, exp.DataTypeParam)
    quantiles = (exp.PercentileCont, exp.PercentileDisc, exp.Quantile, exp.ApproxQuantile)
    child: exp.Expr = literal
    node = literal.parent
    if isinstance(node, exp.Count | exp.Sum) and literal.name == "1":
        return True
    while node is not None and not isinstance(node, exp.Select):
        if isinstance(node, places) or (isinstance(node, (exp.Round, *quantiles)) and child is not node.this):
            return True
        if isinstance(node, exp.PercentileCont | exp.PercentileDisc) and isinstance(node.parent, exp.WithinGroup):
            return True
        if (
            isinstance(node, exp.Anonymous)
            and node.name.lower().startswith("quantile")
            and child is node.expressions[-1]
        ):
            return True
        if isinstance(node, exp.If | exp.Case):
            condition = isinstance(node, exp.If) and child is node.this
            return condition or (child is literal and literal.name in ("0", "1"))
        child, node = node, node.parent
    return False
