"""A small workspace made by hand: tickets and agents of a help desk, with the traps that questions fall into."""

from __future__ import annotations

from pathlib import Path

import duckdb

_SETTINGS = """
[workspace]
name = "desk"
timezone = "UTC"
today = "2026-04-01"
[warehouse]
url = "duckdb:data/warehouse.duckdb"
[access]
default_role = "analyst"
[access.roles.analyst]
tables = ["tickets", "agents"]
min_cell = 1
[access.roles.clerk]
tables = ["tickets"]
deny_columns = ["tickets.channel"]
min_cell = 1
"""

_METRICS = """
datasets:
  - name: tickets
    source: tickets
    grain: [ticket_id]
    time: opened_at
    unit: ticket
    dimensions:
      - {name: channel, column: channel, synonyms: [medium]}
      - {name: country, column: country, values: {"NO": [Norway], US: [United States, USA], DE: [Germany]}}
      - {name: opened_by, column: opened_by}
      - {name: closed_by, column: closed_by}
      - {name: is_urgent, column: is_urgent, values: {1: [urgent], 0: [not urgent]}}
      - {name: priority, column: priority}
    measures:
      - {name: handle_minutes, column: handle_minutes, synonyms: [handle time], unit: count}
      - {name: n_replies, column: n_replies, synonyms: [replies]}
  - name: agents
    source: agents
    grain: [agent]
    unit: agent
    dimensions:
      - {name: team, column: team}
relationships:
  - {name: closer, from: tickets, to: agents, from_columns: [closed_by], to_columns: [agent]}
metrics:
  - {name: tickets_opened, kind: count, of: tickets, synonyms: [tickets, ticket volume], owner: desk}
  - {name: agents_on_file, kind: count, of: agents, owner: desk}
  - name: urgent_share
    kind: proportion
    of: tickets
    positive: {column: is_urgent, equals: 1}
    synonyms: [urgency rate]
    owner: desk
  - {name: active_agents, kind: distinct, of: tickets, column: closed_by, synonyms: [working agents], owner: desk}
  - name: tickets_per_agent
    kind: ratio
    numerator: {agg: count, of: tickets}
    denominator: {agg: distinct, of: tickets, column: closed_by}
    owner: desk
    stale_after_days: 7
verified_queries:
  - question: "How is Norway doing?"
    query: {metrics: [tickets_opened], where: [{dimension: country, in: ["NO"]}]}
    by: ana
    on: 2026-03-01
"""


def build_shop(directory: Path) -> Path:
    """The workspace: 240 tickets over January to March 2026 and four agents."""
    (directory / "data").mkdir(parents=True)
    (directory / "metrics").mkdir()
    (directory / "transect.toml").write_text(_SETTINGS)
    (directory / "metrics" / "desk.yml").write_text(_METRICS)
    with duckdb.connect(str(directory / "data" / "warehouse.duckdb")) as warehouse:
        warehouse.execute(
            """
            create table tickets as
            select i as ticket_id,
                   timestamp '2026-01-01 08:00:00' + interval (i * 9) hour as opened_at,
                   case i % 3 when 0 then 'email' when 1 then 'chat' else 'phone' end as channel,
                   case when i % 11 = 0 then null when i % 4 = 0 then 'NO'
                        when i % 4 = 1 then 'DE' else 'US' end as country,
                   case when i % 2 = 0 then 'ada' else 'bo' end as opened_by,
                   case when i % 5 < 2 then 'ada' when i % 5 = 2 then 'bo' else 'cy' end as closed_by,
                   (i % 7 = 0)::int as is_urgent,
                   (i % 3 + 1)::varchar as priority,
                   (5 + i % 40)::int as handle_minutes,
                   (i % 6)::int as n_replies
            from range(240) r(i)
            """
        )
        warehouse.execute(
            """
            create table agents as
            select * from (values ('ada','north'),('bo','north'),('cy','south'),('di','south')) a(agent, team)
            """
        )
    return directory
