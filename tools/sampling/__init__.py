"""Samples by hash: a design and a seed in, the same units out on every engine, each with its probability.

    SimpleRandom, Stratified, ParetoPps, Poisson, Clusters      designs
    open_file, open_table                                       frames
    draw                                                        rows with `_pi` and `_weight`, and a manifest
    draw_plain                                                  the same in plain Python, for units in memory
    allocate, inclusion_probabilities, pareto_probabilities     what a design rests on
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
from tools.sampling.designs import Allocation, Clusters, Design, ParetoPps, Poisson, SimpleRandom, Stratified
from tools.sampling.draw import draw, manifest_path
from tools.sampling.file_source import open_file
from tools.sampling.inclusion_probabilities import inclusion_probabilities
from tools.sampling.manifest import Manifest
from tools.sampling.pareto_probabilities import pareto_probabilities
from tools.sampling.plain_draw import DrawnUnit, Unit, draw_plain
from tools.sampling.sample_size import SampleSize, interval_for_size, size_for_interval
from tools.sampling.size_for_budget import BudgetSize, size_for_budget
from tools.sampling.size_for_change import (
    ChangeSize,
    DetectableChange,
    change_for_size,
    detectable_change,
    size_for_change,
)
from tools.sampling.source import Source
from tools.sampling.table_source import open_table
from tools.sampling.uniform import uniform

__all__ = [
    "Allocation",
    "BudgetSize",
    "ChangeSize",
    "Clusters",
    "Design",
    "DetectableChange",
    "DrawnUnit",
    "Manifest",
    "ParetoPps",
    "Poisson",
    "SampleSize",
    "SimpleRandom",
    "Source",
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
    "inclusion_probabilities",
    "interval_for_allocation",
    "interval_for_size",
    "manifest_path",
    "open_file",
    "open_table",
    "pareto_probabilities",
    "share_out",
    "size_for_budget",
    "size_for_change",
    "size_for_interval",
    "uniform",
]
