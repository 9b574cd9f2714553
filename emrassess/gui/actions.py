"""All actions in one table: menus, the tool bar, pages and the help page read it."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Spec:
    """An action. `keys`: its shortcuts; `page`: the page or tab whose own it is ("" = the window); `menu`: where it
    stands.

    `shown_only`: keys that a widget handles itself; the table holds them for the help page.
    """

    key: str
    text: str
    keys: tuple[str, ...] = ()
    tip: str = ""
    page: str = ""
    menu: str = ""
    icon: str = ""
    shown_only: bool = False


ACTIONS = (
    Spec("new", "新建自评…", ("Ctrl+N",), "为一家医院新建自评工作区", menu="文件"),
    Spec("open", "打开工作区…", ("Ctrl+O",), "打开已有的自评工作区文件夹", menu="文件"),
    Spec("open_packet", "打开任务包…", (), "打开发给本科室的任务包，填好后交回", menu="文件"),
    Spec("open_package", "打开材料包…", (), "校验并查看一个实证材料包", menu="文件"),
    Spec("open_expert", "打开材料包（专家核查）…", (), "专家在现场核查：打开医院的材料包，逐条写核查意见", menu="文件"),
    Spec("demonstration", "试用示例医院…", (), "建一个虚构医院的工作区来练习", menu="文件"),
    Spec("answers_import", "导入答案文件…", (), "读入 YAML 或 JSON 答案文件，一步可撤销", menu="文件"),
    Spec("answers_export", "导出答案文件…", (), "把当前答案存为 YAML 文件", menu="文件"),
    Spec("official_import", "导入官方文件…", (), "读入标准的官方文件（.docx），取用原文和评价类别", menu="文件"),
    Spec("close", "关闭工作区", ("Ctrl+W",), "回到起始页；每一步都已保存", menu="文件"),
    Spec("quit", "退出", ("Ctrl+Q",), "退出程序；每一步都已保存", menu="文件"),
    Spec("undo", "撤销", ("Ctrl+Z",), "撤销上一步", menu="编辑", icon="undo"),
    Spec("redo", "重做", ("Ctrl+Shift+Z", "Ctrl+Y"), "重做撤销的一步", menu="编辑", icon="redo"),
    Spec("search", "搜索", ("Ctrl+F",), "搜索条款、说明和实证材料", menu="编辑", icon="search"),
    Spec("hospital", "医院名称…", (), "修改医院名称", menu="编辑"),
    Spec("user", "填报人姓名…", (), "修改以谁的名义填报", menu="编辑"),
    Spec("page.overview", "总览", ("Ctrl+1",), "达到等级、就绪度、阻碍", menu="页面", icon="overview"),
    Spec("page.clauses", "条款", ("Ctrl+2",), "逐条自评", menu="页面", icon="clauses"),
    Spec("page.evidence", "实证材料", ("Ctrl+3",), "全部实证材料", menu="页面", icon="evidence"),
    Spec("page.quality", "数据质量", ("Ctrl+4",), "从业务数据算系数和比例", menu="页面", icon="quality"),
    Spec("page.tasks", "任务与合并", ("Ctrl+5",), "科室分工、进度，任务包和合并", menu="页面", icon="tasks"),
    Spec("page.review", "专家核查", ("Ctrl+6",), "现场核查的路线、意见和核查后的得分", menu="页面", icon="review"),
    Spec("page.ledger", "整改台账", ("Ctrl+7",), "问题由谁、何时改好，直到销号", menu="页面", icon="ledger"),
    Spec("page.reports", "报告", ("Ctrl+8",), "报告和实证材料包", menu="页面", icon="reports"),
    Spec("page.standard", "标准", ("Ctrl+9",), "评价标准和评价类别", menu="页面", icon="standard"),
    Spec("checkup", "送审前体检", ("F7",), "提交前先找出专家会退回的地方", menu="工具"),
    Spec("submit", "提交（定版）…", (), "把现在的评价定版并编号，以后怎么改都不影响它", menu="工具"),
    Spec("snapshots", "提交记录", (), "看提交过什么，比较，开始下一轮", menu="工具"),
    Spec("trust", "签名与发送人…", (), "本机的指纹，和核对过指纹的发送人", menu="工具"),
    Spec("help", "使用帮助", ("F1",), "怎样使用，全部按键", menu="帮助", icon="help"),
    Spec("about", "关于", (), "版本和许可", menu="帮助"),
    Spec("clause.met", "达标", ("1",), "当前条款自评为达标", page="clauses"),
    Spec("clause.partial", "部分达标", ("2",), "当前条款自评为部分达标", page="clauses"),
    Spec("clause.unmet", "未达标", ("3",), "当前条款自评为未达标", page="clauses"),
    Spec("clause.not_assessed", "待评", ("0",), "当前条款退回待评", page="clauses"),
    Spec("clause.next", "下一条", ("J", "Down"), "到下一条款", page="clauses"),
    Spec("clause.previous", "上一条", ("K", "Up"), "到上一条款", page="clauses"),
    Spec("clause.next_open", "下一待评条款", ("N",), "到下一条没有评的条款", page="clauses"),
    Spec("clause.paste", "粘贴为实证", ("Ctrl+V",), "把剪贴板里的截图或文件作为当前条款的实证", page="clauses"),
    Spec("clause.filter", "筛选", ("F",), "按核查组、级别、结论、实证、科室等筛选条款", page="clauses"),
    Spec("clause.filter_clear", "清除筛选", ("Shift+F",), "回到全部条款", page="clauses"),
    Spec("clause.above", "显示目标以上", ("A",), "也显示高于目标级别的条款", page="clauses"),
    Spec("evidence.add", "添加文件", ("Insert",), "选择文件作为实证材料", page="evidence"),
    Spec("evidence.paste", "粘贴为实证", ("Ctrl+V",), "把剪贴板里的截图、文件或文字作为实证材料", page="evidence"),
    Spec("evidence.open", "用其他程序打开", ("Ctrl+Return",), "用系统的程序打开选中的材料", page="evidence"),
    Spec("evidence.mask", "遮盖", ("Ctrl+M",), "盖住图片里的姓名、病历号等，原图不外发", page="evidence"),
    Spec("evidence.remove", "删除材料", ("Ctrl+Delete",), "删除没有条款使用的材料，可撤销", page="evidence"),
    Spec("evidence.find", "查找材料", ("F",), "到材料的查找框", page="evidence"),
    Spec("review.confirmed", "属实", ("1",), "当前条款核查为属实", page="review"),
    Spec("review.partly", "部分属实", ("2",), "当前条款核查为部分属实", page="review"),
    Spec("review.not_confirmed", "不属实", ("3",), "当前条款核查为不属实", page="review"),
    Spec("review.not_shown", "未能演示", ("4",), "当前条款没能在现场演示", page="review"),
    Spec("review.open", "未核查", ("0",), "当前条款退回未核查", page="review"),
    Spec("review.next", "下一条", ("J",), "到路线上的下一条", page="review"),
    Spec("review.previous", "上一条", ("K",), "到路线上的上一条", page="review"),
    Spec("review.next_open", "下一条未核查", ("N",), "到路线上下一条还没有核查的", page="review"),
    Spec("review.write", "写问题", ("W",), "到“问题”输入框；Esc 回来", page="review"),
    Spec("review.phrases", "常见问题…", ("P",), "从常见问题里选一条，填好问题和建议", page="review"),
    Spec("review.add", "添加照片…", ("Insert",), "选择照片作为当前条款的现场照片", page="review"),
    Spec("review.paste", "粘贴照片", ("Ctrl+V",), "把剪贴板里的截图作为当前条款的现场照片", page="review"),
    Spec("review.large", "大字", ("L",), "大字大按钮，适合平板；再按一次回来", page="review"),
    Spec("review.route", "路线", ("M",), "显示或收起左边的路线", page="review"),
    Spec("review.filter", "筛选", ("F",), "到路线上面的筛选框", page="review"),
    Spec("ledger.begin", "开始整改", ("1",), "选中的问题改为整改中", page="ledger"),
    Spec("ledger.done", "报完成", ("2",), "选中的问题已改好：要有整改措施和整改后的材料", page="ledger"),
    Spec("ledger.close", "回看通过（销号）", ("3",), "另一个人看过、确认改好，选中的问题销号", page="ledger"),
    Spec("ledger.reopen", "退回再改…", ("4",), "选中的问题没有改好，写明理由退回", page="ledger"),
    Spec("ledger.again", "回到待整改", ("0",), "选中的问题还没有开始改", page="ledger"),
    Spec("ledger.supervise", "挂牌督办", ("S",), "选中的问题挂牌督办；都已挂牌时解除", page="ledger"),
    Spec("ledger.assign", "分派…", ("A",), "选中问题的责任科室、责任人和期限", page="ledger"),
    Spec("ledger.measures", "写整改措施", ("W",), "到“整改措施”输入框；Esc 回来", page="ledger"),
    Spec("ledger.pick", "选已有的材料…", ("P",), "从条款的实证里选整改后的材料", page="ledger"),
    Spec("ledger.add", "添加整改后的材料…", ("Insert",), "选择文件作为整改后的材料", page="ledger"),
    Spec("ledger.paste", "粘贴整改后的材料", ("Ctrl+V",), "把剪贴板里的截图或文件作为整改后的材料", page="ledger"),
    Spec("ledger.next", "下一个问题", ("J",), "到台账里的下一个问题", page="ledger"),
    Spec("ledger.previous", "上一个问题", ("K",), "到台账里的上一个问题", page="ledger"),
    Spec("ledger.open", "到条款", ("Return",), "到条款页看选中问题的条款", page="ledger", shown_only=True),
    Spec("ledger.find", "查找问题", ("F",), "到台账的查找框", page="ledger"),
    Spec("ledger.filter_clear", "清除筛选", ("Shift+F",), "回到全部问题", page="ledger"),
    Spec("quality.add", "添加数据文件…", ("Insert",), "选择从业务系统导出的数据文件", page="quality"),
    Spec("quality.open", "打开对应关系…", ("Ctrl+Shift+O",), "读入以前保存的对应关系", page="quality"),
    Spec("quality.save", "保存对应关系…", ("Ctrl+S",), "把文件和列的对应关系存成文件", page="quality"),
    Spec("quality.run", "开始检查", ("F5",), "按规则检查已对应的数据", page="quality"),
    Spec("quality.take", "采用到评价…", ("Ctrl+Return",), "把检查出的系数用到评价里", page="quality"),
    Spec("quality.find", "查找规则", ("F",), "到规则的查找框", page="quality"),
    Spec("quality.all", "看全部规则", ("Shift+F",), "清除规则的筛选", page="quality"),
    Spec("conflict.ours", "保留我们的", ("1",), "选中的冲突：保留这边的内容", page="merge"),
    Spec("conflict.theirs", "采用对方的", ("2",), "选中的冲突：采用交回的内容", page="merge"),
    Spec("conflict.both", "两段都留", ("3",), "选中的冲突：两段文字接在一起", page="merge"),
    Spec("conflict.next", "下一处冲突", ("J",), "到下一处等待决定的冲突", page="merge"),
    Spec("conflict.previous", "上一处冲突", ("K",), "到上一处等待决定的冲突", page="merge"),
    Spec("tasks.assign", "分派…", ("A",), "把选中的条款分派给科室", page="tasks"),
    Spec("tasks.edit", "修改…", ("E", "D"), "选中条款的负责人、期限和意见", page="tasks"),
    Spec("tasks.begin", "进行中", ("1",), "选中的条款已开始做", page="tasks"),
    Spec("tasks.submit", "已提交", ("2",), "选中的条款科室已做完", page="tasks"),
    Spec("tasks.accept", "已验收", ("3",), "选中的条款协调员验收", page="tasks"),
    Spec("tasks.return", "退回修改…", ("4",), "选中的条款退回科室，写明要改什么", page="tasks"),
    Spec("tasks.again", "回到已分派", ("0",), "选中的条款重新开始", page="tasks"),
    Spec("tasks.unassign", "取消分派", ("Delete",), "选中的条款不再属于任何科室", page="tasks"),
    Spec("tasks.open", "到条款", ("Return",), "到条款页看选中的条款", page="tasks", shown_only=True),
    Spec("tasks.find", "查找任务", ("F",), "到任务的查找框", page="tasks"),
    Spec("category.basic", "确认为基本项", ("B", "1"), "选中的单元格确认为基本项", page="standard", shown_only=True),
    Spec("category.optional", "确认为选择项", ("O", "2"), "选中的单元格确认为选择项", page="standard", shown_only=True),
    Spec("category.clear", "收回确认", ("Delete", "0"), "收回选中单元格的确认", page="standard", shown_only=True),
)
BY_KEY = {spec.key: spec for spec in ACTIONS}
MENUS = ("文件", "编辑", "页面", "查看", "工具", "帮助")


def make(key: str, parent: QWidget, slot: Callable[[], object]) -> QAction:
    """The action of the table as a QAction of `parent`.

    Page actions work while the focus is in `parent` or below it (and not in a text field, which takes plain keys
    first); the window's own work everywhere.
    """
    spec = BY_KEY[key]
    action = QAction(spec.text, parent)
    action.setObjectName(key)
    action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
    context = Qt.ShortcutContext.WidgetWithChildrenShortcut if spec.page else Qt.ShortcutContext.WindowShortcut
    action.setShortcutContext(context)
    action.setToolTip(tip_of(spec))
    action.triggered.connect(lambda *_: slot())
    parent.addAction(action)
    return action


def tip_of(spec: Spec) -> str:
    """What the action does, and its keys."""
    return f"{spec.tip}（{shown_keys(spec)}）" if spec.keys else spec.tip


def shown_keys(spec: Spec) -> str:
    """The shortcuts as they are shown: "Ctrl+Shift+Z 或 Ctrl+Y"."""
    names = {"Down": "↓", "Up": "↑"}
    return " 或 ".join(names.get(keys, keys) for keys in spec.keys)
