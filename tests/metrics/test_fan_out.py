"""Facts with several to-many paths: what a naive join multiplies, this layer does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.metrics.place import ask, build_place, by_hand, cells
from tools.errors import Declined, InvalidInput
from tools.workspace import Workspace

TABLES = """
create table orders as from (values
  (1, 'north', 1), (2, 'north', 2), (3, 'south', 3), (4, null, 99), (5, null, null)) t(order_id, region, buyer);
create table payments as from (values
  (1, 1, 4), (2, 1, 6), (3, 3, 5), (4, 4, 2), (5, 42, 8)) t(payment_id, order_id, amount);
create table shipments as from (values (1, 1), (2, 1), (3, 1), (4, 1), (5, 2), (6, null)) t(shipment_id, order_id);
create table buyers as from (values (1, 'gold'), (2, null), (3, 'gold')) t(buyer_id, tier);
create table tags as from (values (1, 'new'), (1, 'big'), (2, 'new'), (3, 'big')) t(order_id, tag);
"""
METRICS = """
datasets:
  - {name: orders, source: orders, grain: [order_id], unit: order, dimensions: [{name: region, column: region}]}
  - {name: payments, source: payments, grain: [payment_id], unit: payment}
  - {name: shipments, source: shipments, grain: [shipment_id], unit: shipment}
  - {name: buyers, source: buyers, grain: [buyer_id], dimensions: [{name: tier, column: tier}]}
  - {name: tags, source: tags, dimensions: [{name: tag, column: tag}]}
relationships:
  - {name: paid, from: payments, to: orders, from_columns: [order_id], to_columns: [order_id]}
  - {name: shipped, from: shipments, to: orders, from_columns: [order_id], to_columns: [order_id]}
  - {name: bought, from: orders, to: buyers, from_columns: [buyer], to_columns: [buyer_id]}
  - {name: tagged, from: orders, to: tags, from_columns: [order_id], to_columns: [order_id]}
metrics:
  - {name: orders_placed, kind: count, of: orders}
  - {name: revenue, kind: sum, of: payments, column: amount, unit: usd}
  - {name: shipments_sent, kind: count, of: shipments}
  - name: revenue_per_order
    kind: ratio
    numerator: {agg: sum, of: payments, column: amount}
    denominator: {agg: count, of: orders}
  - name: revenue_per_shipment
    kind: ratio
    numerator: {agg: sum, of: payments, column: amount}
    denominator: {agg: count, of: shipments}
  - {name: revenue_over_shipments, kind: derived, op: ratio, metrics: [revenue, shipments_sent]}
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return build_place(Path(tmp_path_factory.mktemp("fan")) / "w", sql=TABLES, metrics=METRICS)


def test_two_to_many_paths_do_not_multiply_one_another(place: Workspace) -> None:
    naive = "select sum(amount) from orders join payments using (order_id) join shipments using (order_id)"
    assert by_hand(place, naive + " where order_id = 1")[0][0] == 40
    result = ask(place, metrics=["revenue", "shipments_sent"], where=[{"dimension": "region", "in": ["north"]}])
    assert [f.value for f in result.figures] == [10, 5]
    ratio = ask(place, metrics=["revenue_per_shipment"], where=[{"dimension": "region", "in": ["north"]}])
    assert ratio.figures[0].value == 2.0
    derived = ask(place, metrics=["revenue_over_shipments"], where=[{"dimension": "region", "in": ["north"]}])
    assert derived.figures[0].value == 2.0


def test_rows_without_a_match_stay_in_the_denominator(place: Workspace) -> None:
    result = ask(place, metrics=["revenue_per_order"])
    assert result.figures[0].value == 25 / 5
    by_tier = ask(place, metrics=["revenue_per_order"], by=["tier"])
    assert sorted(cells(by_tier), key=str) == [("gold", 15 / 2), (None, 10 / 3)]  # 2 + 8 over orders 2, 4, 5


def test_null_dimension_values_keep_their_row(place: Workspace) -> None:
    assert sorted(cells(ask(place, metrics=["orders_placed"], by=["region"])), key=str) == [
        ("north", 2),
        ("south", 1),
        (None, 2),
    ]
    rates = ask(place, metrics=["revenue_per_shipment"], by=["region"])
    assert {(f.slice["region"], f.value, f.undefined) for f in rates.figures} == {
        ("north", 2.0, None),
        ("south", None, "no rows"),
        (None, 10.0, None),  # payments 4 and 5 over the shipment without an order
    }


def test_a_cell_without_numerator_rows_is_0(place: Workspace) -> None:
    figures = ask(place, metrics=["revenue_per_order"], by=["region", "tier"]).figures
    found = {(f.slice["region"], f.slice["tier"]): f.value for f in figures}
    assert found[("north", None)] == 0


def test_both_facts_are_aggregated_before_they_meet(place: Workspace) -> None:
    result = ask(place, metrics=["revenue_per_shipment"], by=["region"])
    assert len(result.sql) == 1
    assert "full join" in result.sql[0]
    assert "is not distinct from" in result.sql[0]
    assert result.sql[0].count("group by") == 2


def test_a_bridge_table_is_declined_with_its_path(place: Workspace) -> None:
    with pytest.raises(Declined, match="orders -> tags") as caught:
        ask(place, metrics=["orders_placed"], by=["tag"])
    assert caught.value.reason == "unsupported_cut"
    with pytest.raises(Declined, match="payments -> orders -> tags"):
        ask(place, metrics=["revenue"], where=[{"dimension": "tag", "in": ["new"]}])


def test_a_dimension_on_the_many_side_is_declined(tmp_path: Path) -> None:
    metrics = METRICS.replace("unit: payment}", "unit: payment, dimensions: [{name: method, column: payment_id}]}")
    place = build_place(tmp_path / "w", sql=TABLES, metrics=metrics)
    with pytest.raises(Declined, match="one order has many rows there") as caught:
        ask(place, metrics=["orders_placed"], by=["method"])
    assert caught.value.reason == "unsupported_cut"
    with pytest.raises(Declined, match="do not share it"):
        ask(place, metrics=["revenue_per_shipment"], by=["method"])


def test_an_unknown_dimension_is_answered_with_near_names(place: Workspace) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(place, metrics=["orders_placed"], by=["regoin"])
    assert caught.value.allowed[0] == "region"


def test_sender_and_recipient_are_two_joins(tmp_path: Path) -> None:
    sql = """
    create table dms as from (values (1, 1, 2), (2, 1, 3), (3, 2, 3), (4, 3, 9)) t(id, a, b);
    create table people as from (values (1, 'US'), (2, 'DE'), (3, 'US')) t(id, country);
    """
    metrics = """
    datasets:
      - {name: dms, source: dms, grain: [id]}
      - {name: people, source: people, grain: [id], dimensions: [{name: country, column: country}]}
    relationships:
      - {name: sender, from: dms, to: people, from_columns: [a], to_columns: [id]}
      - {name: recipient, from: dms, to: people, from_columns: [b], to_columns: [id]}
    metrics: [{name: sent, kind: count, of: dms}]
    """
    place = build_place(tmp_path / "w", sql=sql, metrics=metrics)
    found = cells(ask(place, metrics=["sent"], by=["sender.country", "recipient.country"]))
    assert sorted(found, key=str) == [("DE", "US", 1), ("US", "DE", 1), ("US", "US", 1), ("US", None, 1)]
