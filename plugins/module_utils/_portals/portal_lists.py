# Copyright (c) 2026 The keyring.kubernetes authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists of a portal, which come in pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any, TypeVar

from .._cluster.refused import Intent
from .._dataclasses import dataclass
from .portal_requests import PortalApi, read_portal, strange_answer
from .strange_document import StrangeDocument

ListedT = TypeVar("ListedT")

# The pages after which a list is not taken for one that ends.
_MOST_PAGES = 100


@dataclass(frozen=True)
class PagedList:
    """How an API gives a list in pages.

    ``skip`` and ``limit`` are the parameters for the place and the size of a page, ``page_size`` is the longest one.
    ``items`` and ``total`` are the fields of an answer. ``query`` are parameters of every page.
    """

    skip: str
    limit: str
    page_size: int
    items: str
    total: str
    query: Mapping[str, str] = field(default_factory=dict)


def list_portal(
    api: PortalApi,
    intent: Intent,
    path: str,
    paged: PagedList,
    parse: Callable[[Any], ListedT],
    key: Callable[[ListedT], object],
    query: Mapping[str, str] | None = None,
) -> list[ListedT]:
    """Return all items of a list, each once by its key, as ``parse`` returns them: it may raise StrangeDocument.

    The list ends with an empty page, with a page that is not full if the answer states no more items, and with one that
    is longer than asked for, which is the whole list. What is created meanwhile shifts the pages. Raises KeyringError
    for a refusal, for an answer of another form, for items that are missing, and for a list that does not end.
    """
    found: dict[object, ListedT] = {}
    read = 0
    last_page: list[Any] = []
    for _number in range(_MOST_PAGES):
        place = {paged.skip: str(read), paged.limit: str(paged.page_size)}
        answer = read_portal(api, intent, path, {**paged.query, **(query or {}), **place})
        document = answer.document if answer and isinstance(answer.document, Mapping) else {}
        page, total = document.get(paged.items), document.get(paged.total)
        if page is None and total == 0:
            page = []  # as some servers write an empty list
        if not isinstance(page, list):
            raise strange_answer(api, intent, f"The answer has no list {paged.items}.")
        if page and page == last_page:
            raise strange_answer(api, intent, "It gives the same page of the list again.")
        try:
            for item in page:
                listed = parse(item)
                found[key(listed)] = listed
        except StrangeDocument as error:
            raise strange_answer(api, intent, str(error)) from None
        read += len(page)
        last_page = page
        if not page and isinstance(total, int) and read < total:
            raise strange_answer(api, intent, f"It states {total} items of a list, and gives {read}.")
        is_last = len(page) < paged.page_size and isinstance(total, int) and read >= total
        if not page or is_last or len(page) > paged.page_size:
            return list(found.values())
    raise strange_answer(api, intent, f"The list has more than {read} items and does not end.")
