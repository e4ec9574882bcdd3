"""The appendix of a draft: definitions and the draw, as tables of facts."""

from __future__ import annotations

import re

from tools.labeling import Policy
from tools.reporting.format import clean_text
from tools.sampling import Manifest
from tools.study.draft_tables import as_text, markdown_table
from tools.study.plan import Plan

_SHORT = 16  # digits of a hash that people compare


def write_definitions(plan: Plan, policy: Policy) -> str:
    """What decided, by version and hash."""
    rows = [
        ["policy", f"{as_text(policy.id)}, version {policy.version}"],
        ["owner", as_text(policy.header.owner)],
        ["severity", policy.header.severity],
        ["labels", as_text(", ".join(policy.header.labels))],
        ["positive", as_text(", ".join(plan.spec.estimand.positive))],
        ["unresolved", as_text(", ".join(plan.spec.estimand.unresolved)) or "none"],
        ["hash of its text", f"`{policy.hash[:_SHORT]}`"],
    ]
    return _facts(rows)


def fence(text: str) -> str:
    """Text of the team as a block of code, which a reader sees as it was written and no page acts on."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    marks = "`" * max(3, longest + 1)
    lines = (" " * (len(line) - len(line.lstrip())) + clean_text(line) for line in text.strip("\n").split("\n"))
    return "\n".join([f"{marks}text", *lines, marks])


def write_manifest(plan: Plan, manifest: Manifest, *, estimate_hash: str) -> str:
    """What draws the same units again, and what was foreseen."""
    budget = f"{plan.cost.labels:,} labels, planned at ${plan.cost.usd:,.2f}"
    foreseen = plan.expected
    expected = (
        f"{_percent(foreseen.low)} to {_percent(foreseen.high)} at a prevalence of {_percent(foreseen.prevalence)}"
    )
    rows = [
        ["drawn", f"{manifest.n:,} of {manifest.units:,}"],
        ["design", manifest.design.type],
        ["stage and seed", f"{as_text(manifest.stage)}, {manifest.seed}"],
        ["first-order probabilities", manifest.first_order],
        ["frame, fingerprint", f"`{manifest.frame.fingerprint}`"],
        ["sample, fingerprint", f"`{manifest.output_fingerprint}`"],
        ["plan, hash", f"`{plan.hash[:_SHORT]}`"],
        ["estimate, hash", f"`{estimate_hash[:_SHORT]}`"],
        ["expected interval", expected],
        ["cost", budget],
        ["definitions of the workspace, hash", f"`{plan.workspace_hash[:_SHORT]}`"],
        ["drawn with", f"transect {manifest.version}, {manifest.engine} {manifest.engine_version}"],
    ]
    return _facts(rows)


def _percent(share: float) -> str:
    return f"{100 * share:.3g}%"


def _facts(rows: list[list[str]]) -> str:
    """A table of two columns of text, without names over them."""
    return markdown_table(["", ""], rows).replace("| --- | ---: |", "| --- | --- |")
