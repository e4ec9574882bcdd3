"""The draft of a study: Markdown, and one HTML page that fetches nothing and runs nothing."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from tools.access import Asker
from tools.errors import InvalidInput
from tools.figure import Figure
from tools.ingest.english import plural
from tools.labeling import Policy
from tools.reporting import draw_chart
from tools.reporting.format import format_name
from tools.reporting.markdown_page import markdown_page
from tools.reporting.prose import render
from tools.sampling import Manifest
from tools.study.draft import write_draft
from tools.study.drawn import read_sample
from tools.study.estimate import OVERALL, StudyEstimate
from tools.study.estimate_study import make_estimate, read_actors
from tools.study.folder import Folder, file_hash, model_text, write_text
from tools.study.guard_steps import require_plan, require_policy, require_sample
from tools.study.label_snapshot import read_snapshot
from tools.study.load_study import Study, load_study
from tools.study.plan import Plan
from tools.study.receipts import write_receipt
from tools.study.withhold_small import withhold_small
from tools.workspace import Workspace


@dataclass(frozen=True)
class Draft:
    """The three files of a draft."""

    markdown: str
    page: str
    chart: str

    @property
    def hash(self) -> str:
        """What a signature is bound to."""
        return draft_hash(self.markdown.encode(), self.page.encode())


def draft_study(workspace: Workspace, id: str, *, asker: Asker) -> Draft:
    """Write draft.md, draft.html and chart.svg from the files of the study.

    Raises:
        InvalidInput: there is no estimate, or the plan, sample, labels or policy changed since it was made.
    """
    study = load_study(workspace, id)
    plan = require_plan(study)
    policy = require_policy(plan, workspace)
    manifest = require_sample(study, plan)
    estimate = require_estimate(study, plan)
    _require_same_again(study, plan, estimate, manifest, workspace=workspace, asker=asker)
    draft = make_draft(plan, estimate, manifest, policy, charts=workspace.state_dir / "charts")
    folder = study.folder
    for path, text in ((folder.chart, draft.chart), (folder.draft, draft.markdown), (folder.page, draft.page)):
        write_text(path, text)
    files = [folder.chart, folder.draft, folder.page]
    write_receipt(folder, "draft", asker=asker, files=files, draft=draft.hash)
    return draft


def require_estimate(study: Study, plan: Plan) -> StudyEstimate:
    """The estimate of this plan, sample and snapshot of labels.

    Raises:
        InvalidInput: there is none, or a file that it was made from is another one now.
    """
    estimate, again = study.estimate, f"transect study estimate {study.id}"
    if estimate is None:
        raise InvalidInput(f"{study.id!r} has no estimate yet.", code="no_estimate", value=study.id, hint=again)
    folder = study.folder
    made_from = {
        "the plan": (estimate.plan_hash, plan.hash),
        "sample.csv": (estimate.sample_hash, file_hash(folder.sample)),
        "labels.csv": (estimate.labels_hash, file_hash(folder.labels) if folder.labels.is_file() else ""),
    }
    for what, (was, now) in made_from.items():
        if was != now:
            raise InvalidInput(
                f"The estimate of {study.id!r} was made before {what} changed.",
                code="stale_estimate",
                value=was,
                hint=again,
            )
    return estimate


def _require_same_again(
    study: Study, plan: Plan, estimate: StudyEstimate, manifest: Manifest, *, workspace: Workspace, asker: Asker
) -> None:
    """No page is made from figures that the sample and labels.csv do not give.

    Raises:
        InvalidInput: estimate.json holds other figures.
    """
    drawn = read_sample(study.folder.sample, manifest=manifest, plan=plan)
    actors, _ = read_actors(plan, drawn, workspace=workspace, asker=asker)
    labels, sample_hash = read_snapshot(study.folder.labels), file_hash(study.folder.sample)
    again = make_estimate(plan, drawn, labels, sample_hash=sample_hash, actors=actors)
    if model_text(again, nulls=True) != model_text(estimate, nulls=True):
        raise InvalidInput(
            "estimate.json is not what the sample and the labels give; no draft was made.",
            code="estimate_differs",
            value=study.id,
            hint=f"transect study estimate {study.id}",
            where="estimate.json",
        )


def make_draft(plan: Plan, estimate: StudyEstimate, manifest: Manifest, policy: Policy, *, charts: Path) -> Draft:
    """The draft's files as text; `charts` is where pictures are rendered."""
    shown = withhold_small(estimate, min_cell=plan.min_cell)
    figures, title = _charted(plan, shown)
    chart = draw_chart(figures, title=title, directory=charts)
    svg = Path(chart.svg).read_text(encoding="utf-8")
    estimate_hash = sha256(model_text(estimate, nulls=True).encode()).hexdigest()
    markdown = write_draft(plan, shown, manifest, policy, chart_alt=chart.alt, estimate_hash=estimate_hash)
    page = markdown_page(markdown, title=plan.spec.title, pictures={"chart.svg": svg})
    return Draft(markdown, page, svg)


def hash_of_draft(folder: Folder) -> str | None:
    """The hash of the draft that lies in the folder; None when there is none."""
    if not folder.draft.is_file() or not folder.page.is_file():
        return None
    return draft_hash(folder.draft.read_bytes(), folder.page.read_bytes())


def draft_hash(markdown: bytes, page: bytes) -> str:
    """sha256 over both files, each with its length before it."""
    digest = sha256()
    for content in (markdown, page):
        digest.update(f"{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _charted(plan: Plan, estimate: StudyEstimate) -> tuple[tuple[Figure, ...], str]:
    """The strata, else the first breakdown, else the one share; and the chart's title."""
    units, positive = plural(plan.frame.unit), " or ".join(plan.spec.estimand.positive)
    title = render("Share of {units} labelled {positive}", units=units, positive=positive)
    groups = [("strata", plan.spec.strata)] if plan.spec.strata is not None else []
    groups += [(f"by_{name}", name) for name in plan.spec.breakdowns]
    for group, name in groups:
        figures = estimate.group(group)
        if figures:
            return figures, render("{title}, by {name}", title=title, name=format_name(str(name)))
    overall = estimate.figure(OVERALL)
    assert overall is not None
    return (overall,), title
