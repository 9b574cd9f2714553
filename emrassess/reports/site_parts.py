"""Small parts of the web page: escaping, links to files, table heads, pictures as inline SVG."""

import html
import math
import re
from collections.abc import Collection, Sequence
from decimal import Decimal
from urllib.parse import quote

_NEVER = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp"})


def escape(text: str) -> str:
    """`text` as it may stand in HTML, in an attribute too; characters that no page may hold are dropped."""
    return html.escape(_NEVER.sub("", text), quote=True)


def url(path: str) -> str:
    """A relative path as a link. It stays below the page whatever a name holds: no scheme, no leading slash."""
    return "./" + quote(_NEVER.sub("", path).lstrip("/"), safe="/")


def anchor(clause: str) -> str:
    """Id of a clause on the page: `c-01.01.4-2`."""
    return "c-" + clause.replace("(", "-").replace(")", "")


def head_row(*titles: str, numbers: Collection[str] = ()) -> str:
    """A table's head; titles of `numbers` stand right, above their figures."""
    cells = "".join(f'<th scope="col"{" class=n" if title in numbers else ""}>{title}</th>' for title in titles)
    return f"<thead><tr>{cells}</tr></thead>"


def scroll(table: str) -> str:
    """A wide table scrolls by itself, not the page."""
    return f'<div class="scroll">{table}</div>'


def bars_svg(ready: Decimal, met: Decimal) -> str:
    """A bar: shares 0..1 of clauses met with complete evidence, and of all met."""
    return (
        '<svg viewBox="0 0 400 14" preserveAspectRatio="none" aria-hidden="true">'
        f'<rect class="met" x="0" y="0" width="{met * 400:.1f}" height="14"/>'
        f'<rect class="ready" x="0" y="0" width="{ready * 400:.1f}" height="14"/>'
        '<rect class="edge" x="0.5" y="0.5" width="399" height="13"/></svg>'
    )


def radar_svg(axes: Sequence[tuple[str, float, str]]) -> str:
    """A radar of (name, share 0..1, figure); the rim is the target."""
    center_x, center_y, radius = 260.0, 165.0, 118.0
    count = max(len(axes), 1)

    def spot(index: int, share: float) -> tuple[float, float]:
        angle = 2 * math.pi * index / count
        return center_x + radius * share * math.sin(angle), center_y - radius * share * math.cos(angle)

    def polygon(kind: str, shares: Sequence[float]) -> str:
        corners = " ".join("{:.1f},{:.1f}".format(*spot(index, share)) for index, share in enumerate(shares))
        return f'<polygon class="{kind}" points="{corners}"/>'

    parts = [polygon("rim" if ring == 1 else "ring", [ring] * count) for ring in (0.25, 0.5, 0.75, 1)]
    parts.append(polygon("area", [share for _, share, _ in axes]))
    for index, (name, share, figure) in enumerate(axes):
        x, y = spot(index, share)
        parts.append(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        x, y = spot(index, 1)
        side = "middle" if abs(x - center_x) < 1 else "start" if x > center_x else "end"
        x += {"middle": 0, "start": 9, "end": -9}[side]
        y += -21 if y < center_y - radius * 0.9 else 16 if y > center_y + radius * 0.9 else -3
        parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{side}">{escape(name)}'
            f'<tspan class="figure" x="{x:.1f}" dy="15">{figure}</tspan></text>'
        )
    spoken = "，".join(f"{escape(name)} {figure}" for name, _, figure in axes)
    return f'<svg viewBox="0 0 520 330" role="img" aria-label="{spoken}">{"".join(parts)}</svg>'
