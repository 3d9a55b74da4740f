"""Headers of two rows: groups of columns over their names, with cells merged across and down."""

from collections.abc import Sequence

from app.recipients.cells import clean, value_of


def with_groups(names: Sequence[str], groups: Sequence[str]) -> list[str]:
    """`names`, with the cells of the row above where they are blank (merged down), or alike in two groups.

    A title above the header is no row of groups: it fills one cell.
    """
    filled = [clean(group) for group in groups]
    if sum(map(bool, filled)) < 2:
        return list(names)
    width = max(len(names), len(filled))
    lower = [*names, *[""] * (width - len(names))]
    filled += [""] * (width - len(filled))
    return _joined(lower, filled)


def below_groups(groups: Sequence[str], names: Sequence[str], number_at: int) -> list[str] | None:
    """The header whose row of groups holds the name of the column of numbers; None when `names` is a recipient.

    It is a row of names when each of its cells stands under a group that spans several columns, from the first of
    these on.
    """
    width = max(len(groups), len(names))
    upper = [clean(cell) for cell in groups] + [""] * (width - len(groups))
    lower = [value_of(cell) for cell in names] + [""] * (width - len(names))
    if lower[number_at] or any(any(map(str.isdigit, cell)) for cell in lower):
        return None
    starts = [_start(upper, at) for at in range(width)]
    spanning = {start for at, start in enumerate(starts) if start != at and lower[at]}
    fits = all(start in spanning and lower[start] for start, cell in zip(starts, lower, strict=True) if cell)
    return _joined(lower, upper) if spanning and fits else None


def _joined(lower: Sequence[str], upper: Sequence[str]) -> list[str]:
    plain = [clean(name).casefold() for name in lower]
    joined = []
    for at, name in enumerate(lower):
        if not plain[at]:
            joined.append(upper[at])
        elif plain.count(plain[at]) > 1 and (group := upper[max(0, _start(upper, at))]):
            joined.append(f"{group} {clean(name)}")
        else:
            joined.append(name)
    return joined


def _start(upper: Sequence[str], at: int) -> int:
    """Where the group over a column begins; -1 when none does."""
    return next((start for start in range(at, -1, -1) if upper[start]), -1)
