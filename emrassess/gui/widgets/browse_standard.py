"""The pack to read: a tree with a search field, and the chosen part beside it."""

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QUrl
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QLineEdit, QSplitter, QTextBrowser, QTreeView, QVBoxLayout, QWidget

from emrassess.domain.pack import Pack
from emrassess.gui.context import Context
from emrassess.gui.models.standard_tree import KEY, StandardFilter, standard_tree
from emrassess.gui.models.standard_words import StandardWords
from emrassess.gui.widgets.basics import label


class BrowseStandard(QWidget):
    """Roles, items, level rows at the left; clauses with hints and annex 4 rules at the right."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._pack: Pack | None = None
        self._model: QStandardItemModel | None = None
        self._filter = StandardFilter()
        self._filter.setParent(self)
        self._page = ""
        self._find = QLineEdit()
        self._find.setAccessibleName("在标准里查找")
        self._find.setClearButtonEnabled(True)
        self._find.textChanged.connect(self._on_query)
        self._tree = QTreeView()
        self._tree.setAccessibleName("标准目录")
        self._tree.setHeaderHidden(True)
        self._tree.setUniformRowHeights(True)
        self._tree.setModel(self._filter)
        self._tree.selectionModel().currentChanged.connect(self._on_current)
        self._none = label("没有找到。换一个词，或少输几个字。", "muted", wrap=True)
        self._none.hide()
        self._text = QTextBrowser()
        self._text.setAccessibleName("标准内容")
        self._text.setOpenLinks(False)
        self._text.anchorClicked.connect(self._on_link)
        self._build()
        context.theme.changed.connect(self.draw)

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.addWidget(self._find)
        column.addWidget(self._none)
        column.addWidget(self._tree, 1)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.addWidget(left)
        split.addWidget(self._text)
        split.setChildrenCollapsible(False)
        split.setSizes([380, 820])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 10, 0, 0)
        outer.addWidget(split)
        self.setFocusProxy(self._find)

    def show_session(self) -> None:
        """Show the session's pack; the place is kept where it is the same."""
        session = self._context.session
        if session is None or session.pack is self._pack:
            return
        self._pack = session.pack
        self._find.setPlaceholderText(f"在标准里查找，如 闭环、{session.pack.items[0].code}、知识库")
        self._model = standard_tree(session.pack)
        self._model.setParent(self)
        self._filter.setSourceModel(self._model)
        self._tree.setCurrentIndex(self._filter.index(0, 0))

    def show_key(self, key: str) -> None:
        """Go to a role, item, level row or general page."""
        self._find.clear()
        if self._model is None:
            return
        found = self._model.match(
            self._model.index(0, 0), KEY, key, 1, Qt.MatchFlag.MatchExactly | Qt.MatchFlag.MatchRecursive
        )
        if found:
            self._choose(self._filter.mapFromSource(found[0]))

    def _choose(self, index: QModelIndex) -> None:
        self._tree.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._tree.scrollTo(index)

    def draw(self) -> None:
        """Draw the chosen part again, as after a change of colours or categories."""
        self._page = ""
        self._on_current(self._tree.currentIndex())

    def _on_current(self, index: QModelIndex) -> None:
        session, key = self._context.session, index.data(KEY)
        if session is None or not key:
            return
        page = key[:5] if key[0].isdigit() else key
        if page != self._page:
            self._page = page
            words = StandardWords(
                session.pack, session.answers, self._context.theme.colours, self._find.text(),
                session.assessment.wording,
            )  # fmt: skip
            self._text.setHtml(words.page(key))
        if len(key) == 7:
            self._text.scrollToAnchor(key)
        else:
            self._text.verticalScrollBar().setValue(0)

    def _on_query(self, query: str) -> None:
        self._filter.set_query(query)
        self._none.setVisible(self._filter.rowCount() == 0)
        if query.strip():
            self._tree.expandAll()
            first = self._filter.index(0, 0)
            while self._filter.hasChildren(first):
                first = self._filter.index(0, 0, first)
            if first.isValid():
                self._choose(first)
        else:
            self._tree.collapseAll()
        self.draw()

    def _on_link(self, url: QUrl) -> None:
        target = url.toString()
        if target.startswith("clause:"):
            self._context.go_to.emit(target)
        else:
            self.show_key(target)
