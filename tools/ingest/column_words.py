"""Words in column names: what they say about a column, and what people call it."""

from __future__ import annotations

import re
from functools import lru_cache

from tools.ingest.word_set import word_map, word_set

TIME_WORDS = word_set(
    """
    time timestamp ts date dt datetime day at on created updated modified epoch when since opened closed
    resolved occurred started ended start end sent received posted published submitted completed judged month
    week period birth dob hired ds ordered shipped delivered joined signup registered seen logged recorded
    measured utc expires deadline due
    """
)
ID_WORDS = word_set(
    """
    id ids uuid guid key hash code number phone zip postcode isbn sku serial account imei ssn
    """
)
DURATION_WORDS = word_set(
    """
    duration elapsed handle handling wait waiting length aht talk hold took spent runtime latency response
    """
)
ABBREVIATIONS = word_map(
    """
    num number | cnt count | avg average | pct percent | amt amount | qty quantity | ts time | dt date | usr
    user | msg message | msgs messages | acct account | lang language | cat category | dept department | emp
    employee | mgr manager | cust customer | addr address | desc description | img image | lat latitude | lon
    longitude | lng longitude | max maximum | min minimum | org organisation | prod product | src source | temp
    temperature | tot total | txn transaction | val value | yr year | mo month | hrs hours | mins
    minutes | sec seconds | secs seconds | ms milliseconds | resp response | req request | std standard | wt
    weight | conv conversions | impr impressions | ctr click through rate | rev revenue | sal salary | ppl
    people | info information | stat status | cls class | perf performance | hum humidity | dur duration | exp
    experience
    """
)


SAME_THING = {
    "cost": ("spend", "spending"), "spend": ("cost", "spending"), "salary": ("pay",), "quantity": ("units",),
    "employee": ("headcount", "staff"), "customer": ("client",), "client": ("customer",), "respondent": ("response",),
}  # fmt: skip


@lru_cache(maxsize=4096)
def split_words(name: str) -> tuple[str, ...]:
    """Lower-case words of a name in snake_case, camelCase, kebab-case, dots or blanks."""
    name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return tuple(w.lower() for w in re.split(r"[\W_]+", name) if w)


def spoken(value: object) -> str:
    """A value in lower case, its words parted by blanks: `BOTS+GROUPS_SHIFTED` -> bots groups shifted; 7A stays 7a."""
    return " ".join(w for w in re.split(r"[\W_]+", str(value).lower()) if w)


def words_of(name: str) -> frozenset[str]:
    return frozenset(split_words(name))


def expanded(name: str) -> str:
    """The words of `name` with common abbreviations spelt out; a lone `HR` may be anything and stays."""
    if len(name) <= 3 and name.isupper():
        return name.lower()
    return " ".join(ABBREVIATIONS.get(word, word) for word in split_words(name))
