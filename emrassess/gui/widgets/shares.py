"""Effective-application ratios, where the scheme counts them, and data-quality coefficients of an item by level."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from emrassess.domain.answers import Ratio
from emrassess.domain.pack import LEVELS, Dimension, Item
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.models.scope import is_whole
from emrassess.gui.widgets.basics import card, clear, label
from emrassess.gui.widgets.ratio_field import RatioField

if TYPE_CHECKING:
    from emrassess.services.session import Session


@dataclass(frozen=True)
class Place:
    """Where a share belongs: an item's level; `dimension` None for coverage."""

    item: str
    level: int
    dimension: Dimension | None = None

    @property
    def kind(self) -> str:
        """coverage or quality, as links name it."""
        return "coverage" if self.dimension is None else "quality"


class Shares(QWidget):
    """Fields for the item in hand, up to the target or wherever something is given. `edited`: a Place and a Ratio or
    None; answer by `failed` where it could not be saved."""

    edited = Signal(object, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[Place, RatioField] = {}
        self._layout_of: tuple[str, tuple[Place, ...]] = ("", ())
        self._box = QVBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(10)

    def show_item(self, session: "Session", item: Item, writable: bool, *, all_levels: bool = False) -> None:
        """Show the shares of `item`. Fields stay as they are while the same ones are asked for."""
        places = _places(session, item, all_levels)
        if self._layout_of != (item.code, places):
            self._layout_of = item.code, places
            self._build(session, item, places)
        assessment = session.assessment
        for place, field in self.fields.items():
            if place.dimension is None:
                field.set_ratio(assessment.coverage.get((place.item, place.level)))
            else:
                field.set_ratio(assessment.quality.get((place.item, place.level, place.dimension)))
            field.set_read_only(not writable)

    def focus_field(self, kind: str, level: int) -> None:
        """Put the cursor into the first empty field of a level, else into its first one."""
        found = [(place, field) for place, field in self.fields.items() if (place.kind, place.level) == (kind, level)]
        empty = [field for _, field in found if not any(edit.text() for edit in field.edits)]
        if found:
            (empty or [found[0][1]])[0].numerator.setFocus(Qt.FocusReason.OtherFocusReason)

    def failed(self, place: Place, message: str) -> None:
        """Say beside the field that it could not be saved; what was typed stays."""
        if place in self.fields:
            self.fields[place].fail(f"没有保存：{message}")

    def forget(self) -> None:
        """Another workspace, or what could not be saved was given up: nothing typed stays."""
        clear(self._box)
        self.fields = {}
        self._layout_of = "", ()

    def flush(self) -> None:
        """Commit the field that is being typed in."""
        for field in self.fields.values():
            if any(edit.hasFocus() for edit in field.edits):
                field.commit()

    def _build(self, session: "Session", item: Item, places: tuple[Place, ...]) -> None:
        clear(self._box)
        self.fields = {}
        scheme = session.pack.scheme
        if scheme.has_coverage:
            coverage = [place for place in places if place.dimension is None]
            self._box.addWidget(self._coverage_card(scheme.coverage_note, item, coverage))
        quality = [place for place in places if place.dimension is not None]
        if quality:
            self._box.addWidget(self._quality_card(quality, decides=scheme.quality_threshold > 0))

    def _coverage_card(self, note: str, item: Item, places: list[Place]) -> QFrame:
        frame, box = card(spacing=4)
        box.setContentsMargins(12, 10, 12, 10)
        box.addWidget(label("有效应用比例", "heading"))
        if item.coverage.functional:
            box.addWidget(label("本项目按功能评定，不填比例：达到功能要求的级别按 1.00 计。", "muted", wrap=True))
            return frame
        basis = item.coverage
        box.addWidget(label(f"分子：{basis.numerator}\n分母：{basis.denominator}", "muted", wrap=True))
        if basis.note:
            box.addWidget(label(basis.note, "muted", wrap=True))
        box.addWidget(label(note, "muted", wrap=True))
        for place in places:
            self._add_field(box, place, f"{place.level} 级", f"{item.code} {place.level} 级有效应用比例")
        return frame

    def _quality_card(self, places: list[Place], *, decides: bool) -> QFrame:
        frame, box = card(spacing=4)
        box.setContentsMargins(12, 10, 12, 10)
        box.addWidget(label("数据质量系数", "heading"))
        counts = "" if decides else "指数只作参考，不影响级别。"
        box.addWidget(label(f"没有填的按 0 计；各级的平均值就是该级数据质量指数。{counts}", "muted", wrap=True))
        for place in places:
            name = DIMENSION_NAMES[place.dimension] if place.dimension else ""
            self._add_field(box, place, f"{place.level} 级 {name}", f"{place.item} {place.level} 级{name}系数")
        return frame

    def _add_field(self, box: QVBoxLayout, place: Place, shown: str, name: str) -> None:
        field = self.fields[place] = RatioField(name)
        field.committed.connect(lambda ratio, p=place: self._on_committed(p, ratio))
        box.addSpacing(2)
        box.addWidget(label(shown))
        box.addWidget(field)

    def _on_committed(self, place: Place, ratio: Ratio | None) -> None:
        self.edited.emit(place, ratio)


def _places(session: "Session", item: Item, all_levels: bool) -> tuple[Place, ...]:
    """Where `item` asks for shares, up to the target; above it those given already."""
    highest = LEVELS[-1] if all_levels else session.assessment.target
    assessment, places = session.assessment, []
    if not item.coverage.functional:
        for row in item.rows:
            if (row.level <= highest or (item.code, row.level) in assessment.coverage) and is_whole(session, row):
                places.append(Place(item.code, row.level))
    for level, source in item.quality_rows.items():
        if source is None or source.level != level or not is_whole(session, source):
            continue
        for dimension in source.dimensions:
            if level <= highest or (item.code, level, dimension) in assessment.quality:
                places.append(Place(item.code, level, dimension))
    return tuple(places)
