"""The pack as a tree for browsing: general pages, then role › item › level row, with the words each can be found by."""

from PySide6.QtCore import QRegularExpression, QSortFilterProxyModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel

from emrassess.domain.pack import Item, LevelRow, Pack

KEY = Qt.ItemDataRole.UserRole
WORDS = Qt.ItemDataRole.UserRole + 1


def standard_tree(pack: Pack) -> QStandardItemModel:
    """The tree of a pack; KEY as `StandardWords.page` takes it."""
    model = QStandardItemModel()
    model.appendRow(_entry("pack", "各级别的要求与算分", pack.name))
    words = " ".join(f"{term} {meaning}" for term, meaning in pack.glossary.items())
    model.appendRow(_entry("glossary", "名词解释", words))
    for role in pack.roles:
        branch = _entry(role.code, f"{role.code} {role.name}", "")
        for item in pack.items:
            if item.role == role.code:
                branch.appendRow(_item(item))
        model.appendRow(branch)
    return model


def _item(item: Item) -> QStandardItem:
    basis = item.coverage
    made = _entry(item.code, f"{item.code} {item.name}", f"{basis.numerator} {basis.denominator} {basis.basis}")
    for row in item.rows:
        made.appendRow(_entry(row.code, f"{row.level} 级　{row.summary}", _row_words(row)))
    return made


def _row_words(row: LevelRow) -> str:
    return " ".join(f"{clause.id} {clause.text} {clause.evidence}" for clause in row.clauses)


def _entry(key: str, text: str, words: str) -> QStandardItem:
    made = QStandardItem(text)
    made.setEditable(False)
    made.setToolTip(text)
    made.setData(key, KEY)
    made.setData(f"{key} {text} {words}".replace("\n", " ").casefold(), WORDS)
    return made


class StandardFilter(QSortFilterProxyModel):
    """Keeps what holds every word of the query, with what stands above and below it."""

    def __init__(self) -> None:
        super().__init__()
        self.setRecursiveFilteringEnabled(True)
        self.setFilterRole(WORDS)

    def set_query(self, query: str) -> None:
        """Words parted by blanks; empty shows all."""
        words = (QRegularExpression.escape(word) for word in query.casefold().split())
        # As a pattern, so that no row comes up to Python: one look ahead a word.
        self.setFilterRegularExpression(QRegularExpression("".join(f"(?=.*{word})" for word in words)))
