"""What is true of each account, as a temporary table for the parts that are built in SQL."""

from __future__ import annotations

import numpy as np

from tools.demo.accounts import HARMS, Accounts
from tools.demo.store import Store, sql_list


def write_true_accounts(store: Store, accounts: Accounts) -> None:
    """Temporary table true_accounts(i, account_id, harm); it ends with the connection, so no file holds it."""
    store.write(
        "true_accounts",
        {"i": np.arange(len(accounts)), "harm": accounts.harm},
        f"i, make_id('acct', i) as account_id, word({sql_list(HARMS)}, harm) as harm",
        temp=True,
    )
