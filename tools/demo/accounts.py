"""Organisations, accounts and API keys; which few accounts mean harm."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tools.demo.scale import Scale
from tools.demo.store import Store, sql_list
from tools.demo.streams import stream
from tools.demo.timeline import DAY, DAYS, WINDOW_END, WINDOW_START, Floats, Ints

Bools = npt.NDArray[np.bool_]

# country -> (share of accounts, main language)
COUNTRIES = {
    "US": (0.331, "en"),
    "IN": (0.14, "en"),
    "GB": (0.09, "en"),
    "BR": (0.09, "pt"),
    "DE": (0.08, "de"),
    "FR": (0.06, "fr"),
    "JP": (0.06, "ja"),
    "NO": (0.05, "no"),
    "MX": (0.05, "es"),
    "NG": (0.045, "en"),
    "IS": (0.004, "en"),  # few enough that a rule against small cells has something to hide
}
LANGUAGES = ("en", "pt", "de", "fr", "ja", "no", "es")
PLANS = ("free", "pro", "team", "enterprise")
CHANNELS = ("organic", "referral", "ads", "partner")
INDUSTRIES = ("software", "education", "retail", "health", "finance", "media")
HARMS = ("none", "fraud", "harassment")
NONE, FRAUD, HARASSMENT = 0, 1, 2

_NAME_STARTS = ("Tarn", "Vel", "Quill", "Ostra", "Mere", "Fenn", "Cald", "Brae", "Lund", "Iver", "Sorr", "Wyle")
_NAME_ENDS = ("wick", "mora", "moor", "vale", "holt", "gard", "more", "side", "ford", "dene")
_NAME_KINDS = ("Labs", "Works", "Studio", "Group", "Systems", "Institute")


@dataclass(frozen=True)
class Accounts:
    """One entry an account; codes index the tuples above, -1 is none or unknown."""

    organization: Ints
    country: Ints
    language: Ints
    plan: Ints
    signup: Ints  # epoch seconds
    banned: Ints  # epoch seconds, -1 when never
    activity: Floats  # relative number of conversations a day
    api_keys: Ints
    harm: Ints  # what its violations are, when it means harm
    harm_rate: Floats  # share of its messages that violate, before effects of surface and time
    is_test: Bools

    def __len__(self) -> int:
        return len(self.plan)


def draw_accounts(scale: Scale, *, seed: int) -> Accounts:
    """About one account in seventy means harm; the others violate by accident only."""
    rng = stream(seed, "accounts")
    n = scale.accounts
    plan = rng.choice(4, size=n, p=(0.62, 0.2, 0.11, 0.07))
    shares = np.array([share for share, _ in COUNTRIES.values()])
    country = rng.choice(len(shares), size=n, p=shares / shares.sum())
    spoken = np.array([LANGUAGES.index(language) for _, language in COUNTRIES.values()])
    language = np.where(rng.random(n) < 0.82, spoken[country], 0)
    country = np.where(rng.random(n) < 0.05, -1, country)
    # Half the accounts were there before the first day; the others arrive over the 180 days.
    new = rng.random(n) < 0.5
    signup_day = np.where(new, np.floor(DAYS * rng.random(n) ** 0.9), -1 - rng.integers(0, 420, n)).astype(np.int64)
    signup = WINDOW_START + signup_day * DAY + rng.integers(0, DAY, n)
    is_test = rng.random(n) < 0.008
    means_harm = (rng.random(n) < 0.015) & ~is_test
    harm = np.where(means_harm, np.where(rng.random(n) < 0.6, FRAUD, HARASSMENT), NONE)
    harm_rate = np.where(means_harm, rng.beta(1.6, 5.0, n), 0.0)
    multiplier = np.array([1.0, 2.2, 2.8, 4.5])[plan] * np.where(is_test, 3.0, 1.0) * np.where(means_harm, 1.3, 1.0)
    stays = np.maximum(signup, WINDOW_START) + (rng.random(n) * 150 * DAY).astype(np.int64) + 7 * DAY
    banned = np.where(means_harm & (rng.random(n) < 0.3) & (stays < WINDOW_END - DAY), stays, -1)
    in_organization = plan >= 2
    uses_api = rng.random(n) < np.array([0.06, 0.3, 0.5, 0.75])[plan]
    return Accounts(
        organization=np.where(in_organization, rng.integers(0, scale.organizations, n), -1),
        country=country,
        language=language,
        plan=plan,
        signup=signup,
        banned=banned,
        activity=rng.lognormal(0.0, 0.95, n) * multiplier,
        api_keys=np.where(uses_api, 1 + rng.poisson(0.7, n), 0),
        harm=harm,
        harm_rate=harm_rate,
        is_test=is_test,
    )


def write_accounts(store: Store, accounts: Accounts, scale: Scale, *, seed: int) -> None:
    """Tables organizations and accounts."""
    rng = stream(seed, "organizations")
    m, n = scale.organizations, len(accounts)
    store.write(
        "organizations",
        {
            "i": np.arange(m),
            "start": rng.integers(0, len(_NAME_STARTS), m),
            "stop": rng.integers(0, len(_NAME_ENDS), m),
            "sort": rng.integers(0, len(_NAME_KINDS), m),
            "industry": rng.choice(len(INDUSTRIES), size=m, p=(0.32, 0.2, 0.16, 0.12, 0.12, 0.08)),
            "created": WINDOW_START - rng.integers(30 * DAY, 700 * DAY, m),
        },
        f"""make_id('org', i) as organization_id,
            word({sql_list(_NAME_STARTS)}, start) || word({sql_list(_NAME_ENDS)}, stop) || ' '
              || word({sql_list(_NAME_KINDS)}, sort) || ' ' || (100 + i) as name,
            word({sql_list(INDUSTRIES)}, industry) as industry,
            moment(created) as created_at""",
    )
    store.write(
        "accounts",
        {
            "i": np.arange(n),
            "organization": accounts.organization,
            "country": accounts.country,
            "plan": accounts.plan,
            "channel": rng.choice(4, size=n, p=(0.5, 0.2, 0.2, 0.1)),
            "signup": accounts.signup,
            "banned": accounts.banned,
            "is_test": accounts.is_test,
        },
        f"""make_id('acct', i) as account_id,
            make_id('org', organization) as organization_id,
            'u.' || left(md5('mail' || i), 10) || '@mail.example' as email,
            word({sql_list(tuple(COUNTRIES))}, country) as country,
            word({sql_list(PLANS)}, plan) as plan,
            word({sql_list(CHANNELS)}, channel) as signup_channel,
            moment(signup) as signup_at,
            case when banned >= 0 then 'banned' else 'active' end as status,
            is_test""",
    )


@dataclass(frozen=True)
class ApiKeys:
    """One entry a key, grouped by account; `first` has the position of each account's first key."""

    owner: Ints
    created: Ints
    revoked: Ints  # epoch seconds, -1 when never; an account's first key never is
    first: Ints


def draw_api_keys(accounts: Accounts, *, seed: int) -> ApiKeys:
    """Keys are made on the day of signing up; one in eight of the further ones is revoked later."""
    rng = stream(seed, "api keys")
    owner = np.repeat(np.arange(len(accounts)), accounts.api_keys)
    first = np.cumsum(accounts.api_keys) - accounts.api_keys
    k = len(owner)
    created = accounts.signup[owner] + (rng.random(k) * (DAY - accounts.signup[owner] % DAY)).astype(np.int64)
    revoked = np.maximum(created, WINDOW_START) + rng.integers(5 * DAY, 300 * DAY, k)
    revocable = (np.arange(k) != first[owner]) & (rng.random(k) < 0.125) & (revoked < WINDOW_END)
    return ApiKeys(owner=owner, created=created, revoked=np.where(revocable, revoked, -1), first=first)


def write_api_keys(store: Store, keys: ApiKeys) -> None:
    """Table api_keys."""
    store.write(
        "api_keys",
        {"i": np.arange(len(keys.owner)), "owner": keys.owner, "created": keys.created, "revoked": keys.revoked},
        """make_id('key', i) as api_key_id,
           make_id('acct', owner) as account_id,
           'sk-demo-' || left(md5('key' || i), 4) as key_prefix,
           moment(created) as created_at,
           moment(revoked) as revoked_at""",
    )
