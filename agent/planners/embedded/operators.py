"""The closed class of words that say what to do: count, average, share, by, top, more than, not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.planners.embedded.vocabulary import NEGATION
from agent.planners.embedded.words import Token, stem

Op = Literal[
    "count", "how_much", "distinct", "average", "median", "percentile", "total", "max", "min", "share",
    "by", "per", "which", "top", "bottom", "common", "breakdown", "not", "missing", "and", "relative", "announce", "population", "where",
    "above", "at_least", "below", "at_most", "or_more", "or_less", "between", "change", "versus", "on_average",
]  # fmt: skip

_PHRASES: dict[Op, str] = {
    "count": "headcount|head count|headcount of|nbr|nbr of|num of|cnt|cnt of|how many|number of|the number of|total number of|count of|counts of|count|counts|no of|nr of|num of|volume of|how many different|amount of|quantity of|tally of|# of|tally",
    "how_much": "how much",
    "distinct": "how many distinct|how many unique|how many different|number of distinct|number of unique|number of different|count of distinct|count of unique|distinct|unique|different|distinct count of|unique count of|count distinct",
    "average": "average|mean|avg|averaged|typical|average of|mean of|avg of|average number of|mean number of|avg number of|averages|means",
    "on_average": "on average",
    "median": "median|median of|p50|50th percentile|50th percentile of|median number of|medians",
    "total": "total|sum|sum of|total of|in total|totals|sum total|summed|combined|total amount of|cumulative|sum up|add up",
    "max": "maximum|max|highest|largest|biggest|greatest|longest|max of|maximum of|slowest|peak|maximum number of|highest number of|largest number of",
    "min": "minimum|min|lowest|smallest|shortest|min of|minimum of|fastest|minimum number of|lowest number of|smallest number of",
    "share": "share|shares|percentage|percent|percentages|pct|%|proportion|proportions|fraction|fractions|rate|rates|how common|how often|how prevalent|how frequent|how frequently|prevalence|what part|portion|share of|percentage of|percent of|% of|proportion of|fraction of|rate of|prevalence of|portion of|what part of|pct of|frequency of|relative frequency of|incidence|incidence of",
    "by": "by|for each|for every|broken down by|break down by|broken out by|split by|split out by|grouped by|group by|breakdown by|breakdown per|segmented by|sliced by|in each|within each|by each|across|for each of the|split per|broken down per|separately for each|separately by|in every|split across|distributed across|differ by|differs by|vary by|varies by|depending on|for the different|by different|across different|for different|across the different|across all|for all the|of each|from each|on each|with each|at each|to each",
    "per": "per|an|each",
    "top": "top",
    "bottom": "bottom",
    "common": "most common|most frequent|commonest|most often|most frequently|most popular|most used|most commonly",
    "breakdown": "breakdown of|distribution of|break down|breakdown|distribution|split of|split|break down of|histogram of|mix of|composition of|make up of|makeup of",
    "missing": "missing|blank|null|empty|unspecified|without any|with no|no known|unfilled|not set|not given|not available|is null|are null|are missing|is missing|are empty|are blank",
    "and": "or not|and|,|&|as well as|plus|or|and also|along with|together with",
    "relative": "that are|that is|that were|which are|which is|which were|who are|who is|is|are|was|were|that have|that has|that had|which have|who have|have|has|having|had|with|marked as|labelled as|labeled as|labelled|labeled|classified as|tagged as|tagged|flagged as|judged as|judged|judged to be|rated as|rated|called|that got|that get|equal to|equals|=|being|marked|classified|considered|deemed|got|that say|say|said|saying|that was",
    "population": "when|if|given|given that|for which|in cases where|in those|among|amongst|out of|within|out of all|of all|of the total|of all the|as a share of|as percentage of|in all|amid",
    "where": "where|whose|such that|where the",
    "announce": "in|for|on|from|at|using|via|through|under|only|only in|only for|just|in the case of|limited to|restricted to|filtered to|filter to|filter by|filtered by|just for|of type|of kind",
    "above": "more than|greater than|over|above|>|larger than|higher than|bigger than|exceeding|exceeds|longer than|older than",
    "at_least": "at least|>=|no less than|not less than|no fewer than|a minimum of",
    "below": "less than|fewer than|under|below|<|lower than|smaller than|shorter than|younger than",
    "at_most": "at most|<=|no more than|not more than|up to|a maximum of",
    "or_more": "or more|or higher|or above|or greater|and above|and up|and over|and more",
    "or_less": "or less|or fewer|or below|or lower|and below|and under",
    "between": "between",
    "change": "increasing|decreasing|rising|falling|declining|dropping|growing|declined|going up|going down|getting worse|getting better|trending up|trending down|worse|change|changed|changes|difference|differences|increase|increased|decrease|decreased|growth|grow|grew|grown|drop|dropped|rise|risen|rose|fall|fell|fallen|delta|moved|go up|gone up|went up|go down|gone down|went down|compare|compared|comparison|comparing|shift|shifted|up or down|higher or lower|difference between|change in|change between|evolve",
    "versus": "vs|versus|compared to|compared with|relative to|against|than|rather than",
}  # fmt: skip
_MOST = {"most": "max", "highest": "max", "fewest": "min", "least": "min"}
_STEMMED: dict[tuple[str, ...], Op] = {}
for _op, _text in _PHRASES.items():
    for _phrase in _text.split("|"):
        _STEMMED.setdefault(tuple(_phrase.split()), _op)
for _word in NEGATION:
    _STEMMED.setdefault((_word,), "not")
for _phrase in ("other than", "apart from", "but not", "except for", "aside from", "not in", "not counting", "not including", "leaving out", "anything but", "outside of", "outside", "not from", "not on", "without the", "with the exception of", "besides", "that are not", "which are not", "are not", "is not", "were not", "was not", "not being", "do not have", "does not have", "not have", "did not", "not the"):  # fmt: skip
    _STEMMED.setdefault(tuple(_phrase.split()), "not")
_STEMMED[("most",)] = "max"
_STEMMED[("fewest",)] = "min"
_STEMMED[("least",)] = "min"
_LONGEST = max(len(k) for k in _STEMMED)
_BARE_PER = {("an",), ("each",)}
for _key in _BARE_PER:
    _STEMMED.pop(_key, None)

OPERATOR_WORDS: dict[str, str] = {
    stem(word): word for key in _STEMMED for word in key if len(word) >= 4 and word.isalpha()
} | {w: w for w in ("january", "february", "march", "april", "june", "july", "august", "september", "october", "november", "december",
    "yesterday", "today", "week", "month", "quarter", "daily", "weekly", "monthly", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "percentile", "trend", "metric", "available", "since", "between", "during", "until")}  # fmt: skip


@dataclass(frozen=True)
class OpSpan:
    """Tokens [start, end) that are an operator; `q` for percentiles, `n` for top N."""

    start: int
    end: int
    op: Op
    q: float | None = None
    n: int | None = None

    @property
    def weight(self) -> int:
        """Tokens that say something: `prevalence of` is no longer than the metric `prevalence`."""
        return self.end - self.start - self.trailing

    trailing: int = 0


def find_operators(tokens: Sequence[Token]) -> list[OpSpan]:
    """Every operator at every position, longest first at each."""
    found: list[OpSpan] = []
    for start in range(len(tokens)):
        special = _percentile(tokens, start) or _top(tokens, start)
        if special is not None:
            found.append(special)
        for length in range(min(_LONGEST, len(tokens) - start), 0, -1):
            key = tuple(t.text for t in tokens[start : start + length])
            op = _STEMMED.get(key)
            if op is not None and not any(t.quoted for t in tokens[start : start + length]):
                found.append(
                    OpSpan(start, start + length, op, trailing=int(length > 1 and key[-1] in {"of", "in", "the"}))
                )
    return found


def _percentile(tokens: Sequence[Token], start: int) -> OpSpan | None:
    text = tokens[start].text
    if text[:1] == "p" and text[1:].isdigit() and 0 < int(text[1:]) < 100:
        return OpSpan(start, start + 1, "percentile", q=int(text[1:]) / 100)
    if start + 1 < len(tokens) and tokens[start + 1].text in {"percentile", "percentiles"}:
        digits = text.rstrip("stndrh")
        if digits.isdigit() and 0 < int(digits) < 100:
            end = start + 3 if start + 2 < len(tokens) and tokens[start + 2].text == "of" else start + 2
            return OpSpan(start, end, "percentile", q=int(digits) / 100)
    return None


_SMALL = {
    w: i for i, w in enumerate(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"])
}


def _top(tokens: Sequence[Token], start: int) -> OpSpan | None:
    """`top 5`, `5 largest`, `bottom three`, `the 3 most`."""
    texts = [t.text for t in tokens[start : start + 3]]
    if len(texts) < 2:
        return None
    first, second = _count(texts[0]), _count(texts[1])
    if texts[0] in {"top", "bottom", "largest", "biggest", "highest", "lowest", "smallest", "first"} and second:
        low = texts[0] in {"bottom", "lowest", "smallest"}
        return OpSpan(start, start + 2, "bottom" if low else "top", n=second)
    if first and texts[1] in {
        "largest",
        "biggest",
        "highest",
        "top",
        "most",
        "greatest",
        "longest",
        "lowest",
        "smallest",
        "fewest",
        "least",
        "bottom",
    }:
        low = texts[1] in {"lowest", "smallest", "fewest", "least", "bottom"}
        common = len(texts) > 2 and texts[1] in {"most", "least"} and texts[2] in {"common", "frequent", "popular"}
        return OpSpan(start, start + (3 if common else 2), "bottom" if low else "top", n=first)
    return None


def _count(text: str) -> int | None:
    value = int(text) if text.isdigit() else _SMALL.get(text)
    return value if value is not None and 0 < value <= 1000 else None
