"""What the tasks write: assignments, deadlines, states, departments, the list for the wall and packets."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from emrassess.domain.planning import STATE_NAMES, Actor, WorkState, refusal, state_of
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.services import departments, tasks

if TYPE_CHECKING:
    from emrassess.services.packets import PacketSummary
    from emrassess.services.session import Session

FORBIDDEN = '<>:"/\\|?*'
ACTORS = {
    WorkState.ASSIGNED: Actor.COORDINATOR,
    WorkState.IN_PROGRESS: Actor.DEPARTMENT,
    WorkState.SUBMITTED: Actor.DEPARTMENT,
    WorkState.CHANGES_REQUESTED: Actor.COORDINATOR,
    WorkState.ACCEPTED: Actor.COORDINATOR,
}
"""In whose name the page moves work into a state: the coordinator may also do it for a department."""


class TaskWriting(QObject):
    """Writes through the context's operations, for `page`."""

    said = Signal(str)
    """What did not go without saying."""

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self._context = context
        self._page = page

    # --- clauses

    def assign(self, clauses: Sequence[str] | None, department: str) -> None:
        """Ask to whom `clauses` go, or with None what goes to whom; `department` is chosen beforehand."""
        from emrassess.gui.widgets.task_assign import AssignDialog  # noqa: PLC0415 - not needed at start

        session = self._writable()
        if session is None or (clauses is not None and not clauses):
            return
        dialog = AssignDialog(self._context.theme, session, clauses, department, self._page)
        if dialogs.run(dialog) and (chosen := dialog.value):
            self._context.operations.write(
                "分派", tasks.assign_by_name, chosen.clauses, chosen.department, chosen.person, chosen.deadline
            )
        dialog.deleteLater()

    def assign_by_roles(self) -> None:
        """Ask which role goes to which department, and assign all in one step."""
        from emrassess.gui.widgets.task_dialogs import RolesDialog  # noqa: PLC0415

        session = self._writable()
        if session is None:
            return
        found = departments.suggestions(session)
        if not found:
            self.said.emit(f"到 {session.assessment.target} 级为止的条款都已经分派了。")
            return
        dialog = RolesDialog(self._context.theme, session, found, self._page)
        if dialogs.run(dialog):
            self._context.operations.write("按角色分派", tasks.assign_shares, dialog.shares, dialog.deadline)
        dialog.deleteLater()

    def unassign(self, clauses: Sequence[str]) -> None:
        """Make clauses nobody's; asked first only where work on them has begun."""
        session = self._writable()
        if session is None:
            return
        held = session.assessment.tasks
        wanted = [clause for clause in clauses if clause in held]
        begun = sum(held[clause].state is not WorkState.ASSIGNED for clause in wanted)
        if not wanted:
            self.said.emit("选中的条款都没有分派。")
        elif not begun or self._sure(begun):
            self._context.operations.write("取消分派", tasks.unassign, wanted)

    def _sure(self, begun: int) -> bool:
        text = f"其中 {begun} 条已经开始做或者已提交，取消以后，状态、负责人、期限和意见都不再保留。"
        return dialogs.ask(self._page, "取消分派", text, "已填的答案和材料不受影响。", yes="取消分派", no="不取消")

    def edit(self, clauses: Sequence[str]) -> None:
        """Ask for another person, deadline or remark of clauses."""
        from emrassess.gui.widgets.task_edit import EditDialog  # noqa: PLC0415

        session = self._writable()
        if session is None:
            return
        held = session.assessment.tasks
        wanted = [clause for clause in clauses if clause in held]
        if not wanted:
            self.said.emit("选中的条款都没有分派，请先分派。")
            return
        dialog = EditDialog(
            self._context.theme, [held[clause] for clause in wanted], session.assessment.departments, self._page
        )
        if dialogs.run(dialog) and (value := dialog.value):
            self._context.operations.write("修改分派", lambda session: tasks.edit(session, wanted, **value))
        dialog.deleteLater()

    def move(self, clauses: Sequence[str], state: WorkState) -> None:
        """Bring those of `clauses` that can be into `state`, and say how many cannot."""
        session = self._writable()
        if session is None or not clauses:
            return
        actor = ACTORS[state]
        able = tasks.movable(session, clauses, state, actor)
        rest = len(clauses) - len(able)
        name = STATE_NAMES[state]
        if not able:
            self.said.emit(why_not(session, clauses, state))
            return
        remark = ""
        if state is WorkState.CHANGES_REQUESTED:
            remark = self._remark(len(able))
            if not remark:
                return
        self._context.operations.write(name, tasks.move, able, state, actor, remark)
        if rest:
            self.said.emit(f"{len(able)} 条改为“{name}”；另外 {rest} 条现在的状态不能直接改为“{name}”，没有动。")

    def _remark(self, count: int) -> str:
        from emrassess.gui.widgets.task_dialogs import RemarkDialog  # noqa: PLC0415

        dialog = RemarkDialog(self._context.theme, count, self._page)
        text = dialog.text if dialogs.run(dialog) else ""
        dialog.deleteLater()
        return text

    # --- departments

    def new_department(self) -> None:
        """Ask for a new department."""
        self._department("")

    def edit_department(self, department: str) -> None:
        """Ask for another name or other people of a department."""
        self._department(department)

    def _department(self, department: str) -> None:
        from emrassess.gui.widgets.task_dialogs import DepartmentDialog  # noqa: PLC0415

        session = self._writable()
        if session is None:
            return
        known = session.assessment.departments.get(department)
        dialog = DepartmentDialog(self._context.theme, session, known, self._page)
        if dialogs.run(dialog):
            write = self._context.operations.write
            if known:
                write("编辑科室", departments.edit_department, known.id, name=dialog.name, people=dialog.people)
            else:
                write("新建科室", departments.add_department, dialog.name, dialog.people)
        dialog.deleteLater()

    def remove_department(self, department: str) -> None:
        """Remove a department; where it has tasks, ask where they go."""
        from emrassess.gui.widgets.task_dialogs import RemoveDialog  # noqa: PLC0415

        session = self._writable()
        known = session.assessment.departments.get(department) if session else None
        if session is None or known is None:
            return
        count = sum(task.department == department for task in session.assessment.tasks.values())
        tasks_to: str | None = None
        if count:
            others = [other for other in session.assessment.departments.values() if other.id != department]
            dialog = RemoveDialog(known, count, others, self._page)
            tasks_to = dialog.tasks_to if dialogs.run(dialog) else None
            dialog.deleteLater()
            if tasks_to is None:
                return
        self._context.operations.write("删除科室", departments.remove_department, department, tasks_to)

    # --- files

    def export_list(self) -> None:
        """Write the list for the wall."""
        session = self._context.session
        if session is None:
            return
        out = dialogs.save_file(
            self._page, "导出任务清单", suggested_file(session, "任务清单", ".xlsx"), "Excel 工作簿 (*.xlsx)"
        )
        if out is None:
            return

        def work(progress: Callable[[int, int, str], None]) -> Path:
            from emrassess.services.reporting import write_task_list  # noqa: PLC0415

            write_task_list(session, out, progress=progress)
            return out

        self._context.operations.run("导出任务清单", work, done=self._tell_written)

    def _tell_written(self, out: Path) -> None:
        if dialogs.ask(self._page, "导出任务清单", f"已写好：{out}", yes="打开", no="知道了"):
            dialogs.open_path(out)

    def export_packet(self, department: str) -> None:
        """Ask how, then write the packet of a department."""
        from emrassess.gui.widgets.task_dialogs import PacketDialog  # noqa: PLC0415

        session = self._context.session
        known = session.assessment.departments.get(department) if session else None
        if session is None or known is None:
            return
        held = [task for task in session.assessment.tasks.values() if task.department == department]
        going = [task for task in held if task.state is not WorkState.ACCEPTED]
        if not going:
            self.said.emit(
                f"“{known.name}”的 {len(held)} 条都已验收，没有要做的。"
                if held
                else f"请先把条款分派给“{known.name}”。"
            )
            return
        first = min((task.deadline for task in going if task.deadline), default="")
        dialog = PacketDialog(self._context, known.name, len(going), first, self._page)
        if dialogs.run(dialog):
            self._write_packet(session, department, known.name, dialog.deadline, dialog.protection.options)
        dialog.deleteLater()

    def _write_packet(
        self, session: "Session", department: str, name: str, deadline: str, protection: Callable[[], dict | None]
    ) -> None:
        out = dialogs.save_file(
            self._page, "导出任务包", suggested_file(session, f"{name}_任务包", ".zip"), "任务包 (*.zip)"
        )
        options = protection() if out else None
        if out is None or options is None:
            return

        def work(progress: Callable[[int, int, str], None]) -> "PacketSummary":
            from emrassess.services.packets import create_packet  # noqa: PLC0415

            return create_packet(session, department, out, deadline=deadline, progress=progress, **options)

        def tell(made: "PacketSummary") -> None:
            text = f"“{name}”的任务包已写好：{made.clauses} 条，材料 {made.evidence} 件。\n{out}"
            detail = "请用 U 盘或内网交给科室；科室在起始页用“打开任务包…”打开，填好后交回。"
            dialogs.inform(self._page, "导出任务包", text, detail)

        self._context.operations.run("导出任务包", work, done=tell)

    def _writable(self) -> "Session | None":
        return self._context.session if self._context.writable else None


def why_not(session: "Session", clauses: Sequence[str], state: WorkState) -> str:
    """Why none of `clauses` can be brought into `state`: the reason of the first."""
    task = session.assessment.tasks.get(clauses[0])
    if task is None:
        return "选中的条款都没有分派，请先分派。"
    why = refusal(state_of(task), state, ACTORS[state])
    return f"{why}。" if len(clauses) == 1 else f"选中的条款都不能改为“{STATE_NAMES[state]}”：{clauses[0]} {why}。"


def suggested_file(session: "Session", kind: str, suffix: str) -> Path:
    """Where a file about this hospital may go: beside the workspace, named by hospital, kind and day."""
    name = "".join("_" if c in FORBIDDEN or ord(c) < 32 else c for c in f"{session.assessment.hospital}_{kind}")
    return session.workspace.folder.parent / f"{name}_{date.today().isoformat()}{suffix}"
