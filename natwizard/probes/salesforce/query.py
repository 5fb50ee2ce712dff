"""SOQL over REST: all pages of a query, as records of a known shape.

Source: "Query" and "Query More Results Using the REST API" in the REST API Developer Guide: up to
2,000 records a page, the next one behind nextRecordsUrl.
"""

from typing import Generic, TypeVar
from urllib.parse import urlencode

from msgspec import Struct

from natwizard.model.outcome import FailureCode
from natwizard.probes.failures import BadAnswer
from natwizard.probes.https.client import web_failure
from natwizard.probes.salesforce.client import OrgClient

VERSION = "60.0"
"""Spring '24; Salesforce keeps a version alive for three years at least."""
DATA = f"/services/data/v{VERSION}"
# 10,000 people for five API calls; what is beyond is told as too much
PAGES_AT_MOST = 5

R = TypeVar("R")


class QueryPage(Struct, Generic[R], frozen=True, rename="camel"):
    """One page of a query's result."""

    done: bool
    records: tuple[R, ...]
    next_records_url: str = ""


async def query(
    client: OrgClient, soql: str, shape: type[QueryPage[R]], *, base: str = DATA
) -> tuple[R, ...]:
    """Every record, at most PAGES_AT_MOST pages of them. `base` is another API's, if any."""
    page = await client.read(f"{base}/query?{urlencode({'q': soql})}", shape)
    records = list(page.records)
    for _more in range(PAGES_AT_MOST - 1):
        if page.done:
            return tuple(records)
        if not page.next_records_url.startswith("/services/data/"):
            raise BadAnswer(f"no next page: {page.next_records_url[:80]!r}")
        page = await client.read(page.next_records_url, shape)
        records += page.records
    if page.done:
        return tuple(records)
    raise web_failure(
        FailureCode.TOO_LARGE, "query", f"more than {len(records)} records in {PAGES_AT_MOST} pages"
    )


def quoted(text: str) -> str:
    """A text as SOQL's literal ("Quoted String Escape Sequences" in the SOQL reference)."""
    for plain, escaped in (("\\", "\\\\"), ("'", "\\'"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(plain, escaped)
    return f"'{text}'"
