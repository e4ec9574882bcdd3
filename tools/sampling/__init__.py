"""Samples by hash: a design and a seed in, the same units out on every engine, each with its probability.

    SimpleRandom, Stratified, ParetoPps, Poisson, Clusters,
    Panel, Daily                                                designs
    open_file, open_table                                       frames
    draw, replay_draw, read_manifest                            rows with `_pi` and `_weight`, and a manifest
    draw_plain                                                  the same in plain Python, for units in memory
    allocate, inclusion_probabilities, pareto_probabilities     what a design rests on
    joint_probabilities, joint_plain, pareto_joint              of two units, for variances that need them
    read_pilot, fit_score_curve, steer_frame, Steps             a score that steers a draw by size
    size_for_interval, size_for_change, size_for_budget         how many units, before any is drawn
    allocate_for_interval                                       the same in strata, at the least cost

Formulas and sources: docs/sampling.md. numpy is imported inside functions.
"""

from tools.sampling.allocate import StratumFacts, allocate, share_out
from tools.sampling.allocate_for_interval import (
    StratifiedSize,
    StratumPlan,
    allocate_for_interval,
    interval_for_allocation,
)
from tools.sampling.canonical_key import canonical_key
from tools.sampling.designs import (
    Allocation,
    Clusters,
    Daily,
    Design,
    Panel,
    ParetoPps,
    Poisson,
    SimpleRandom,
    Stratified,
)
from tools.sampling.draw import draw, manifest_path
from tools.sampling.file_source import open_file
from tools.sampling.inclusion_probabilities import inclusion_probabilities
from tools.sampling.joint_probabilities import JointFrame, JointRow, joint_probabilities
from tools.sampling.manifest import FirstPhase, Manifest
from tools.sampling.pareto_joint import pareto_joint
from tools.sampling.pareto_probabilities import pareto_probabilities
from tools.sampling.plain_draw import draw_plain
from tools.sampling.plain_joint import joint_plain
from tools.sampling.plain_unit import DrawnUnit, Unit
from tools.sampling.prediction_totals import totals_path
from tools.sampling.read_manifest import read_manifest
from tools.sampling.read_pilot import Pilot, read_pilot
from tools.sampling.replay_draw import replay_draw
from tools.sampling.sample_size import SampleSize, interval_for_size, size_for_interval
from tools.sampling.score_curve import ScoreCurve, fit_score_curve
from tools.sampling.size_for_budget import BudgetSize, size_for_budget
from tools.sampling.size_for_change import (
    ChangeSize,
    DetectableChange,
    change_for_size,
    detectable_change,
    size_for_change,
)
from tools.sampling.source import Source
from tools.sampling.steer import steer
from tools.sampling.steer_frame import steer_frame
from tools.sampling.steps import Steps
from tools.sampling.table_source import open_table
from tools.sampling.uniform import uniform

__all__ = [
    "Allocation",
    "BudgetSize",
    "ChangeSize",
    "Clusters",
    "Daily",
    "Design",
    "DetectableChange",
    "DrawnUnit",
    "FirstPhase",
    "JointFrame",
    "JointRow",
    "Manifest",
    "Panel",
    "ParetoPps",
    "Pilot",
    "Poisson",
    "SampleSize",
    "ScoreCurve",
    "SimpleRandom",
    "Source",
    "Steps",
    "Stratified",
    "StratifiedSize",
    "StratumFacts",
    "StratumPlan",
    "Unit",
    "allocate",
    "allocate_for_interval",
    "canonical_key",
    "change_for_size",
    "detectable_change",
    "draw",
    "draw_plain",
    "fit_score_curve",
    "inclusion_probabilities",
    "interval_for_allocation",
    "interval_for_size",
    "joint_plain",
    "joint_probabilities",
    "manifest_path",
    "open_file",
    "open_table",
    "pareto_joint",
    "pareto_probabilities",
    "read_manifest",
    "read_pilot",
    "replay_draw",
    "share_out",
    "size_for_budget",
    "size_for_change",
    "size_for_interval",
    "steer",
    "steer_frame",
    "totals_path",
    "uniform",
]
