"""Websites: the host under which spellings of one address meet.

A company's own site identifies it. Its page on a network or in a directory doesn't, so such hosts
have no meaning here; which company a host belongs to is decided later.
"""

import re
from collections.abc import Sequence

import pyarrow as pa

from orchestration.parsing.text import LINK, Columns, Context, Fields, as_columns, tidy, words

SITE_FIELDS: Fields = {"_host": pa.string()}

_ADDRESS = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?(?://)?(?:[^/@\s]*@)?((?:[\w-]+\.)+[^\W\d_]{2,}\.?)(?::\d+)?(?:[/?#].*)?"
)
# Where pages of many companies stand.
_SHARED = words(
    "linkedin.com twitter.com x.com facebook.com instagram.com youtube.com medium.com substack.com"
    " crunchbase.com pitchbook.com cbinsights.com tracxn.com dealroom.co angel.co angellist.com"
    " wellfound.com producthunt.com ycombinator.com github.com gitlab.com huggingface.co"
    " wikipedia.org en.wikipedia.org google.com sites.google.com docs.google.com apps.apple.com"
    " play.google.com notion.so notion.site linktr.ee t.me bit.ly"
)


def parse_sites(texts: Sequence[str], context: Context) -> Columns:
    """Parse addresses to their hosts without www; None for what is no site of one's own."""
    del context
    return as_columns(((_host(text),) for text in texts), SITE_FIELDS)


def _host(text: str) -> str | None:
    link = LINK.fullmatch(text.strip())
    found = _ADDRESS.fullmatch(tidy(link[2] if link else text).casefold())
    host = found[1].rstrip(".").removeprefix("www.") if found else None
    return None if host in _SHARED or not host or "." not in host else host
