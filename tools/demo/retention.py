"""Organisations whose texts are not kept: their messages are counted, and cannot be sampled for reading.

They are chosen among the organisations without a labelled message, because nobody could have labelled it. The text of a
message is kept as long as a case of human review is about it, as such contracts allow.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from tools.demo.store import Store

SHARE = 0.03  # of the organisations
LEAST_MESSAGES = 40  # of such an organisation


def withhold_texts(store: Store, content: Path) -> dict[str, Any]:
    """Add organizations.zero_retention, and take the texts out of the store of item texts; returns what is true.

    Leaves the temporary table zero_accounts(account_id).
    """
    store.build(
        "zero_organizations",
        f"""select organization_id from organizations
            where organization_id in (
                select organization_id from messages join accounts using (account_id) where not accounts.is_test
                group by 1 having count(*) >= {LEAST_MESSAGES})
              and organization_id not in (select organization_id from labelled_messages join accounts using (account_id)
                                          where organization_id is not null)
            order by draw('retention', organization_id) limit {math.ceil(SHARE * store.rows["organizations"])}""",
        temp=True,
    )
    store.build(
        "zero_accounts",
        "select account_id from accounts where organization_id in (from zero_organizations)",
        temp=True,
    )
    store.connection.execute("alter table organizations add column zero_retention boolean default false")
    store.connection.execute(
        "update organizations set zero_retention = true where organization_id in (from zero_organizations)"
    )
    store.build(
        "withheld",
        """select message_id from messages where account_id in (from zero_accounts)
           and message_id not in (select message_id from human_reviews)""",
        temp=True,
    )
    path = str(content).replace("'", "''")
    store.connection.execute(f"attach '{path}' as content")
    store.connection.execute("delete from content.items where item_id in (from withheld)")
    store.connection.execute("checkpoint content")
    store.connection.execute("detach content")
    return {
        "organizations": [row[0] for row in store.ask("from zero_organizations order by 1")],
        "accounts": int(store.ask("select count(*) from zero_accounts")[0][0]),
        "messages": int(store.ask("select count(*) from messages where account_id in (from zero_accounts)")[0][0]),
        "messages_without_text": int(store.ask("select count(*) from withheld")[0][0]),
    }
