"""The closed word classes of questions. A word that is in none of them, and not in the catalog, must be asked about."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Words that carry no condition of their own.
FILLER = _words(
    """
    a an the this that these those it its is are was were be been being am do does did doing done have has had having
    of to in on for at with from by as into within during about we our ours us i me my mine you your they them their
    there here what which who whose whom when where how
    and also then so just only really actually basically please pls plz kindly thanks thank thx cheers hey hi hello
    team folks all any some can could would should will may might shall let lets give show tell get got gets getting
    need want wanted wants like know see look looking check find pull fetch report display print
    wondering wonder quick quickly question asap urgently urgent now right currently today's sure ok okay
    much many number numbers figure figures value values stat stats amount
    say make made makes come comes came happen happened happens occur occurred occurs
    exist exists existing available recorded logged collected listed involved contained contain contains seen observed
    overall altogether entire whole exactly precisely approximately roughly around ballpark
    data dataset database table file csv sheet
    if whether or yes u ur r im id ill gonna gotta
    each every one ones
    yo hiya howdy tbh fyi btw imo afaik lol hmm uh um oh ah eh mate folk guys buddy dear sir madam greetings sorry excuse
    gave give gives given giving send sends sending took take takes produce produced submit submitted contribute contributed place placed
    use used uses create created generate generated ids differ differs vary varies look looks whether current presently break down
    gimme lemme wanna wat wut whats hows wheres pull grab share-with run curious trying figure out again back
    still yet already ever
    well simply possible anyone someone everybody boss deck idea help
    """
)

# After "how", these ask for the size of what follows and say nothing more.
SIZES = _words("large big high low long small great bad good common frequent prevalent")

ALIASES = {
    "msgs": "messages", "msg": "message", "accts": "accounts", "acct": "account", "convos": "conversations", "convo": "conversation",
    "ctry": "country", "qty": "quantity", "amt": "amount", "custs": "customers", "cust": "customer", "txns": "transactions",
    "txn": "transaction", "cmts": "comments", "usrs": "users", "usr": "user", "imgs": "images", "img": "image", "orgs": "organisations",
    "reqs": "requests", "resps": "responses", "annots": "annotations", "lang": "language", "langs": "languages", "cats": "categories",
}  # fmt: skip

NEGATION = _words("not excluding exclude excludes except without non excl ignoring ignore minus no never neither")
MISSING = _words("missing unknown blank null empty unspecified undefined none")

# Words that announce a filter; they bind the value that follows.
ANNOUNCE = _words(
    "in for on from among amongst with where of within whose under via through at using across is are was were equals ="
)

RELATIVE = _words(
    "that which who are is was were with where having have has being labelled labeled marked classified tagged flagged judged rated called ="
)

ROW_NOUNS = _words(
    "row record entry line item observation case datapoint sample instance reading measurement event log"
)

# What a row can be called when it is a person.
PERSONS = _words(
    "employee user customer person member patient student respondent staff trainer annotator worker subscriber citizen client guest"
)

# Words of a column's name that say nothing beyond the others: units and generic nouns.
LIGHT = _words(
    """
    n num number count total avg id is has pct percent value score amount second seconds sec secs minute minutes min mins hour hours hr hrs
    day days usd eur gbp dollars time duration name c f v kg km cm mm ms mb gb kb celsius degree degrees code
    """
)

# Totals are what is meant when such a measure is named alone; of a rate, a score or a price it is not.
FLOWS = _words(
    "spend cost revenue amount sales budget payment fee tax quantity qty volume total expense turnover income profit donation refund"
)
NOT_COUNTED = _words(
    "seconds minutes hours days weeks months years ms percent pct points status degrees celsius class address bonus gross basis bias series days_since"
)

ACTIONS = _words(
    """
    refund cancel approve reject block unblock restore reinstate close reopen assign notify dm kick mute unban charge pay transfer rename
    edit set reset deploy restart disable enable promote fire hire flag unflag label relabel mark hide unhide warn limit download export
    """
)
OBJECTS = _words(
    "all every the this these those any each everyone him her them my our that it user users account accounts customer"
)

UNSAFE_VERBS = _words(
    "delete drop truncate insert alter update overwrite ban suspend email send post publish wipe remove erase grant revoke exec execute hack bypass"
)

OFF_TOPIC = _words(
    """
    weather joke jokes poem poems poetry song songs lyrics recipe recipes president minister movie movies football soccer score capital
    translate translation birthday lunch dinner breakfast coffee horoscope bitcoin stock stocks crypto lottery essay story stories haiku
    meaning-of-life love marry sing dance homework riddle
    """
)

CAUSAL = _words(
    "why cause caused causes causing causal because impact effect affect affected affects influence influenced driver drivers due responsible explain-why attributable"
)
FORECAST = _words(
    "forecast forecasts forecasting predict predicts predicted prediction projection project projected tomorrow expect expected extrapolate upcoming"
)

# Words that mean a measurement is being asked for, even when nothing else is recognised.
MEASURING = _words(
    """
    many much number count total sum average mean median percentile percent percentage share proportion fraction rate ratio
    prevalence trend top bottom highest lowest most least maximum minimum max min distribution breakdown volume per weekly daily monthly
    compare difference change revenue
    """
)

# Other words people use for measurement that must not be "corrected" into a catalog word they merely resemble.
NEVER_CORRECTED = _words(
    """
    revenue profit profits cost costs price prices sales spend income margin salary salaries churn retention conversion conversions clicks
    click links link lines line views view viewers visits visit sessions session emails email calls call likes like shares shared posts
    post comments comment images image videos video photos photo pages page orders order customers customer clients client products product
    users user uses use males male females female makes names name ages age sizes size states state stages stage cases case causes bugs
    bots bot boats bans ban bars cities city parties party deaths death births birth weight height heights weights temperature speed
    latency errors error failures failure hours hour minutes minute seconds second dates date times time refunds refund returns return
    wins losses loss teams games game stores store stories houses house horses horse courses course sources source scores score
    resorts ports reports parts pets tests texts tasks trends friends brands lands hands words works worlds
    attrition appeals appearances employees employers trainers trainees reviewers previews interviews
    """
)
