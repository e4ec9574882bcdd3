"""What people call the values of a column: country and language codes, flags, words joined by underscores."""

from __future__ import annotations

from tools.ingest.column_words import expanded, split_words, spoken
from tools.ingest.word_set import word_map, word_set

_COUNTRIES = """
AR Argentina | AT Austria | AU Australia | BD Bangladesh | BE Belgium | BG Bulgaria | BR Brazil | CA Canada | CH
Switzerland | CL Chile | CN China | CO Colombia | CZ Czechia;Czech Republic | DE Germany | DK Denmark | DZ Algeria |
EE Estonia | EG Egypt | ES Spain | ET Ethiopia | FI Finland | FR France | GB United Kingdom;Britain;Great Britain;UK
| GH Ghana | GR Greece | HK Hong Kong | HR Croatia | HU Hungary | ID Indonesia | IE Ireland | IL Israel | IN India |
IQ Iraq | IR Iran | IT Italy | JP Japan | KE Kenya | KR South Korea;Korea | LK Sri Lanka | LT Lithuania | LV Latvia
| MA Morocco | MX Mexico | MY Malaysia | NG Nigeria | NL Netherlands;Holland | NO Norway | NZ New Zealand | PE Peru
| PH Philippines | PK Pakistan | PL Poland | PT Portugal | RO Romania | RS Serbia | RU Russia | SA Saudi Arabia | SE
Sweden | SG Singapore | SI Slovenia | SK Slovakia | TH Thailand | TN Tunisia | TR Turkey;Türkiye | TW Taiwan | TZ
Tanzania | UA Ukraine | UG Uganda | UK United Kingdom;Britain | US United States;USA;America | VE Venezuela | VN
Vietnam | ZA South Africa | AE United Arab Emirates;UAE | QA Qatar | KW Kuwait
"""
_LANGUAGES = """
ar Arabic | bn Bengali | cs Czech | da Danish | de German | el Greek | en English | es Spanish | fa Persian;Farsi |
fi Finnish | fr French | he Hebrew | hi Hindi | hu Hungarian | id Indonesian | it Italian | ja Japanese | ko Korean
| ms Malay | nl Dutch | no Norwegian | pl Polish | pt Portuguese | ro Romanian | ru Russian | sv Swedish | sw
Swahili | ta Tamil | th Thai | tl Tagalog | tr Turkish | uk Ukrainian | ur Urdu | vi Vietnamese | zh Chinese
"""
_COUNTRY_COLUMNS = word_set(
    """
    country countries nation market geo locale region cc iso
    """
)
_LANGUAGE_COLUMNS = word_set(
    """
    language lang locale
    """
)
_GENDERS = {"m": ("male", "men"), "f": ("female", "women")}
_WEAK_FIRST = word_set(
    """
    is was has had did can flag are
    """
)
_OPPOSITES = {
    "active": "inactive",
    "paid": "unpaid",
    "valid": "invalid",
    "verified": "unverified",
    "resolved": "unresolved",
}


def words_for_value(column: str, value: object) -> tuple[str, ...]:
    """Common words for one value of a categorical column; empty when the value is its own word."""
    if not isinstance(value, str):
        return ()
    words = set(split_words(column))
    if words & _COUNTRY_COLUMNS and len(value) == 2 and value.upper() in COUNTRIES:
        return COUNTRIES[value.upper()]
    if words & _LANGUAGE_COLUMNS and value.lower() in LANGUAGES:
        return LANGUAGES[value.lower()]
    if words & {"gender", "sex"} and value.lower() in _GENDERS:
        return _GENDERS[value.lower()]
    plain = spoken(value)
    return (plain,) if plain and plain != value.lower() and len(plain) <= 40 else ()


def flag_words(column: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Words for yes and for no: `is_spam` -> (spam), (not spam, non-spam); `has_photo` -> (with photo, ...)."""
    base, first = flag_base(column), split_words(column)[:1]
    if first and first[0] in ("has", "had"):
        return (f"with {base}", f"has {base}"), (f"without {base}", f"no {base}")
    no = (f"not {base}", f"non-{base}")
    return (base,), ((*no, _OPPOSITES[base]) if base in _OPPOSITES else no)


def flag_base(column: str) -> str:
    words = split_words(column)
    kept = words[1:] if len(words) > 1 and words[0] in _WEAK_FIRST else words
    kept = kept[:-1] if len(kept) > 1 and kept[-1] == "flag" else kept
    return expanded(" ".join(kept)) if kept else column


def _table(text: str) -> dict[str, tuple[str, ...]]:
    return {code: tuple(names.split(";")) for code, names in word_map(text).items()}


COUNTRIES = _table(_COUNTRIES)
LANGUAGES = _table(_LANGUAGES)
