"""Classifiers of texts, cross-fitted: whatever is scored is scored by one that saw nothing of its part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.sampling.uniform import uniform

RECIPE = "tf-idf of words (1-2) and characters (2-5), logistic regression, C=10, 1"  # part of the labeller's name
DIGITS = 6


@dataclass(frozen=True)
class CrossFit:
    """One classifier a fold, each trained on the other folds.

    Attributes:
        labels: what they can tell apart, in sort order.
        folds, seed: how items fall into folds.
    """

    labels: tuple[str, ...]
    folds: int
    seed: int
    classifiers: tuple[Any, ...]

    def score(self, items: Sequence[str], texts: Sequence[str]) -> list[dict[str, float]]:
        """For each item, the probability of each label by the classifier that was not trained on its fold."""
        found: list[dict[str, float]] = [{} for _ in items]
        places: dict[int, list[int]] = {}
        for i, item in enumerate(items):
            places.setdefault(fold_of(item, folds=self.folds, seed=self.seed), []).append(i)
        for fold, rows in places.items():
            probabilities = self.classifiers[fold].predict_proba([texts[i] for i in rows])
            names = [str(name) for name in self.classifiers[fold].classes_]
            for i, row in zip(rows, probabilities, strict=True):
                found[i] = {name: round(float(p), DIGITS) for name, p in zip(names, row, strict=True)}
        return found


def fit_embedded(
    items: Sequence[str], texts: Sequence[str], labels: Sequence[str], *, folds: int, seed: int
) -> CrossFit:
    """Train one classifier a fold on the items of the other folds. The same input gives the same classifiers.

    Items fall into folds by the hash of the stage `fold` (`tools.sampling`), so that an item's fold is the same in
    every run and on every engine. The score of an item, trained on or not, does not depend on its own label, nor on
    that of any item of its fold: what model-assisted estimation needs (cross-fitting; Chernozhukov et al. 2018, The
    Econometrics Journal 21:C1-C68, section 3).

    Args:
        items, texts, labels: side by side; each label in two folds at least.
        folds: 2 or more.
        seed: of the folds.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # type: ignore[import-untyped]  # start-up
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]
    from sklearn.pipeline import make_pipeline, make_union  # type: ignore[import-untyped]

    fold = [fold_of(item, folds=folds, seed=seed) for item in items]
    classifiers = []
    for k in range(folds):
        rows = [i for i, of in enumerate(fold) if of != k]
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)
        classifier = make_pipeline(
            make_union(words, characters), LogisticRegression(C=10.0, max_iter=1_000, solver="lbfgs", random_state=0)
        )
        classifiers.append(classifier.fit([texts[i] or "." for i in rows], [labels[i] for i in rows]))
    return CrossFit(tuple(sorted(set(labels))), folds, seed, tuple(classifiers))


def fold_of(item: str, *, folds: int, seed: int) -> int:
    """The item's part, from 0."""
    return int(uniform(item, stage="fold", seed=seed) * folds)


def learnable_labels(items: Sequence[str], labels: Sequence[str], *, folds: int, seed: int, fewest: int) -> set[str]:
    """Labels with at least `fewest` items, which do not all fall into one fold."""
    places: dict[str, list[int]] = {}
    for item, label in zip(items, labels, strict=True):
        places.setdefault(label, []).append(fold_of(item, folds=folds, seed=seed))
    return {label for label, of in places.items() if len(of) >= fewest and len(set(of)) > 1}
