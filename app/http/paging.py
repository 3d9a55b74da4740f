"""Two ways to page: by number, as the original list does, and by keyset, which costs the same on every page."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel, Field

DEFAULT_SIZE = 25
LARGEST_SIZE = 200
_LAST_PAGE = 10**9


@dataclass(frozen=True, slots=True)
class Page:
    """Which page by number; `offset` is how many rows stand before it."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size


def _page(
    page: Annotated[int, Query(ge=1, le=_LAST_PAGE, description="Which page, from 1.")] = 1,
    page_size: Annotated[int, Query(ge=1, le=LARGEST_SIZE, description="Rows on a page.")] = DEFAULT_SIZE,
) -> Page:
    return Page(page, page_size)


PageDep = Annotated[Page, Depends(_page)]


@dataclass(frozen=True, slots=True)
class Keyset:
    """At most `limit` rows behind the row with id `cursor` (0: from the start)."""

    limit: int
    cursor: int


def _keyset(
    limit: Annotated[int, Query(ge=1, le=LARGEST_SIZE, description="Rows in one answer.")] = DEFAULT_SIZE,
    cursor: Annotated[
        int,
        Query(ge=0, le=2**63 - 1, description="`next_cursor` of the answer before; absent: from the start."),
    ] = 0,
) -> Keyset:
    return Keyset(limit, cursor)


KeysetDep = Annotated[Keyset, Depends(_keyset)]


class Pagination(BaseModel):
    """Where a numbered page stands among its fellows."""

    total_items: int
    total_pages: int
    page_number: int
    has_next: bool
    has_previous: bool
    links: list[str] = Field(
        description="Addresses of the pages before and behind this one, those that exist."
    )


def pagination(page: Page, total: int, request: Request) -> Pagination:
    """The original API's pagination block for `page` of `total` rows."""
    pages = max(1, -(-total // page.size))
    near = [number for number in (page.number - 1, page.number + 1) if 1 <= number <= pages]
    return Pagination(
        total_items=total,
        total_pages=pages,
        page_number=page.number,
        has_next=page.number < pages,
        has_previous=page.number > 1,
        links=[str(request.url.include_query_params(page=number)) for number in near],
    )
