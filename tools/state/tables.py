"""The store's tables, for building statements; the migrations create them. Importing this imports SQLAlchemy."""

from __future__ import annotations

from sqlalchemy import Column, Double, ForeignKey, ForeignKeyConstraint, Integer, MetaData, Table, Text

metadata = MetaData()

effects = Table(
    "effects",
    metadata,
    Column("key", Text, primary_key=True),
    Column("status", Text, nullable=False),
    Column("token", Integer, nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("sure_unsent", Integer, nullable=False),
    Column("request", Text, nullable=False),
    Column("result", Text),
    Column("created_at", Double, nullable=False),
    Column("recorded_at", Double),
)

attempts = Table(
    "attempts",
    metadata,
    Column("key", Text, ForeignKey("effects.key"), primary_key=True),
    Column("token", Integer, primary_key=True),
    Column("started_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("outcome", Text),
    Column("detail", Text, nullable=False),
)

model_calls = Table(
    "model_calls",
    metadata,
    Column("key", Text, primary_key=True),
    Column("token", Integer, primary_key=True),
    Column("scope", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("held_usd", Double),
    Column("cost_usd", Double),
    Column("input_tokens", Integer),
    Column("output_tokens", Integer),
    ForeignKeyConstraint(["key", "token"], ["attempts.key", "attempts.token"]),
)

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("scheme", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

audit_head = Table(
    "audit_head",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("seal", Text, nullable=False),
)

labels = Table(
    "labels",
    metadata,
    Column("key", Text, primary_key=True),
    Column("seq", Integer, nullable=False, unique=True),
    Column("policy", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("item", Text, nullable=False),
    Column("labeller", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("label", Text),
    Column("reason", Text, nullable=False),
    Column("labelled_at", Text),
    Column("recorded_at", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("undoes", Text, ForeignKey("labels.key")),
    Column("scores", Text),
)

slack_inbox = Table(
    "slack_inbox",
    metadata,
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("thread_ts", Text, nullable=False),
    Column("person", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("files", Integer, nullable=False),
    Column("called", Integer, nullable=False),
    Column("received_at", Double, nullable=False),
    Column("status", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("lease_until", Double, nullable=False),
    Column("due_at", Double, nullable=False),
    Column("ended_at", Double),
    Column("outcome", Text, nullable=False),
)

slack_posts = Table(
    "slack_posts",
    metadata,
    Column("key", Text, ForeignKey("effects.key"), primary_key=True),
    Column("channel", Text, nullable=False),
    Column("ts", Text, nullable=False),
    Column("thread_ts", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("choices", Text, nullable=False),
    Column("study", Text, nullable=False),
    Column("posted_at", Double, nullable=False),
)

slack_feedback = Table(
    "slack_feedback",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("ts", Text, primary_key=True),
    Column("person", Text, primary_key=True),
    Column("verdict", Text, nullable=False),
    Column("recorded_at", Double, nullable=False),
)

answered_cells = Table(
    "answered_cells",
    metadata,
    Column("roles", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("split", Text, primary_key=True),
    Column("membership", Text, nullable=False),
    Column("key_count", Integer, nullable=False),
    Column("left_out", Text, nullable=False),
    Column("answered_at", Text, nullable=False),
)
