"""The table as one picture: each ratio on a logarithmic axis, with its goal."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bench.figures import Figure

_WIDTH, _ROW, _TOP, _LEFT, _RIGHT = 1400, 34, 70, 560, 150
_LOWEST, _HIGHEST = 0.05, 20.0
_INK, _SOFT, _MET, _MISSED = "#1f2933", "#9aa5b1", "#2f855a", "#c05621"
_LINES = ("#2b6cb0", "#c05621", "#2f855a", "#6b46c1")


def draw(figures: Sequence[Figure], path: Path) -> None:
    """Write the picture of all figures that have a bound to `path`, PNG.

    A bar runs from 1 (as fast as the limit alone) to the ratio; the stroke is the goal. A figure without a limit is
    drawn as its share of the goal.
    """
    image = Image.new("RGB", (_WIDTH, _TOP + _ROW * (len(figures) + 1)), "white")
    pen = ImageDraw.Draw(image)
    small, large = ImageFont.load_default(15), ImageFont.load_default(22)
    pen.text(
        (20, 18),
        "Measured against the raw limit in the same run (bar), and the goal (stroke)",
        _INK,
        font=large,
    )
    for value in (0.1, 0.5, 1, 2, 10):
        x = _x(value)
        pen.line((x, _TOP - 8, x, image.height - _ROW), fill="#e4e7eb", width=1)
        pen.text((x, image.height - _ROW + 6), f"{value:g}", _SOFT, font=small, anchor="ma")
    for row, figure in enumerate(figures):
        _bar(pen, _TOP + row * _ROW, figure, small)
    image.save(path, optimize=True)


def _bar(
    pen: ImageDraw.ImageDraw, y: int, figure: Figure, font: ImageFont.ImageFont | ImageFont.FreeTypeFont
) -> None:
    ratio = figure.ratio if figure.ratio is not None else _share(figure)
    goal = figure.goal if figure.ratio is not None else 1.0
    color = _MET if figure.met else _MISSED
    pen.text((_LEFT - 16, y + 4), figure.name, _INK, font=font, anchor="ra")
    ends = sorted((_x(1.0), _x(ratio)))
    pen.rectangle((ends[0], y + 4, max(ends[1], ends[0] + 2), y + _ROW - 12), fill=color)
    pen.line((_x(goal), y, _x(goal), y + _ROW - 8), fill=_INK, width=3)
    _, ours, *_ = figure.cells()
    pen.text((_WIDTH - _RIGHT + 10, y + 4), ours, color, font=font)


def _x(ratio: float) -> float:
    """Where a ratio lies on the axis."""
    bounded = min(max(ratio, _LOWEST), _HIGHEST)
    share = math.log(bounded / _LOWEST) / math.log(_HIGHEST / _LOWEST)
    return _LEFT + share * (_WIDTH - _LEFT - _RIGHT)


@dataclass(frozen=True, slots=True)
class Series:
    """Values second by second."""

    name: str
    values: Sequence[float]


def draw_series(title: str, series: Sequence[Series], path: Path) -> None:
    """Write a chart of lines over seconds to `path`, PNG."""
    width, height, left, top, bottom = 1200, 460, 70, 60, 60
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    font, large = ImageFont.load_default(15), ImageFont.load_default(22)
    pen.text((20, 16), title, _INK, font=large)
    seconds = max(1, *(len(one.values) - 1 for one in series))
    highest = max(1.0, *(max(one.values, default=0) for one in series))
    across, up = (width - left - 40) / seconds, (height - top - bottom) / highest
    for share in (0.0, 0.5, 1.0):
        y = height - bottom - share * highest * up
        pen.line((left, y, width - 40, y), fill="#e4e7eb", width=1)
        pen.text((left - 10, y), f"{share * highest:g}", _SOFT, font=font, anchor="rm")
    for second in range(0, seconds + 1, 5):
        pen.text((left + second * across, height - bottom + 10), f"{second} s", _SOFT, font=font, anchor="ma")
    for nth, one in enumerate(series):
        color = _LINES[nth % len(_LINES)]
        points = [(left + at * across, height - bottom - value * up) for at, value in enumerate(one.values)]
        pen.line(points, fill=color, width=3)
        pen.text((left + 240 * nth, height - 24), one.name, color, font=font)
    path.parent.mkdir(exist_ok=True)
    image.save(path, optimize=True)


def _share(figure: Figure) -> float:
    """Of the goal; where the goal is none at all, 1 and as many more."""
    return figure.ours / figure.goal if figure.goal else 1.0 + figure.ours
