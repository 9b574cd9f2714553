"""The ledger in numbers: a button each, which shows those findings and no others."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from emrassess.domain.ledger import FINDING_STATE_NAMES
from emrassess.domain.review import SEVERITY_NAMES, Severity
from emrassess.gui.models.ledger import EVERYTHING, Wanted
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.tiles import Tiles

if TYPE_CHECKING:
    from emrassess.services.ledger import Summary

WHOLE = "全部"
LEAST = 94
ICONS = {SEVERITY_NAMES[Severity.SERIOUS]: "warning", "挂牌督办": "flag", "逾期": "late"}
ASKED: dict[str, Wanted] = {
    WHOLE: EVERYTHING,
    **{name: Wanted(state=state) for state, name in FINDING_STATE_NAMES.items()},
    SEVERITY_NAMES[Severity.SERIOUS]: Wanted(severity=Severity.SERIOUS),
    "挂牌督办": Wanted(supervised=True),
    "逾期": Wanted(overdue=True),
}


class LedgerSummary(Tiles):
    """`chosen`: show these. A second click shows everything again."""

    chosen = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, LEAST, parent)
        self._theme = theme
        self._counts: dict[str, int] = {}
        self._wanted = EVERYTHING
        self.buttons = {name: self._made(name) for name in ASKED}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.show_tiles(list(self.buttons.values()))
        theme.changed.connect(self._dress)

    def hasHeightForWidth(self) -> bool:
        """As high as its rows are: the tabs around it would keep the height of another width."""
        return False

    def _made(self, name: str) -> QToolButton:
        made = QToolButton()
        made.setProperty("look", "button")
        made.setCheckable(True)
        made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        made.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        made.clicked.connect(lambda _, n=name: self._choose(n))
        return made

    def show_summary(self, found: "Summary") -> None:
        """Show these numbers."""
        self._counts = {
            WHOLE: found.total,
            **{name: found.states[state] for state, name in FINDING_STATE_NAMES.items()},
            SEVERITY_NAMES[Severity.SERIOUS]: found.severities[Severity.SERIOUS],
            "挂牌督办": found.supervised,
            "逾期": found.overdue,
        }
        for name, made in self.buttons.items():
            made.setText(f"{name} {self._counts[name]}")
            made.setAccessibleName(f"{name} {self._counts[name]} 个")
            made.setToolTip("看全部问题" if name == WHOLE else f"只看“{name}”的 {self._counts[name]} 个")
        self._dress()

    def show_wanted(self, wanted: Wanted) -> None:
        """Mark what is filtered by now."""
        self._wanted = wanted
        for name, made in self.buttons.items():
            made.setChecked(wanted == EVERYTHING if name == WHOLE else _holds(wanted, ASKED[name]))

    def _dress(self) -> None:
        for name, icon in ICONS.items():
            self.buttons[name].setIcon(self._theme.icon(icon, "bad" if self._counts.get(name) else "muted"))
            self.buttons[name].setIconSize(QSize(self._theme.px(15), self._theme.px(15)))

    def _choose(self, name: str) -> None:
        again = name != WHOLE and _holds(self._wanted, ASKED[name])
        self.show_wanted(self._wanted)  # what was clicked shows once it is in force
        self.chosen.emit(EVERYTHING if again else ASKED[name])


def _holds(wanted: Wanted, asked: Wanted) -> bool:
    """Whether `wanted` asks for what the one field of `asked` asks for."""
    return any(
        getattr(asked, name) not in (None, False) and getattr(wanted, name) == getattr(asked, name)
        for name in ("state", "severity", "supervised", "overdue")
    )
