"""What must hold before evidence leaves the house: its files are there, and none is the original of a masked one."""

from collections.abc import Collection

from emrassess.domain.assessment import Evidence
from emrassess.errors import UserError
from emrassess.services.evidence import missing_files, quoted
from emrassess.services.masking import exposed
from emrassess.services.session import Session


def check_outgoing(session: Session, pieces: Collection[str], what: str) -> None:
    """UserError, of all `pieces` (by id) together, for what would stop `what` half-way or must not go out by it."""
    missing = [piece for piece in missing_files(session) if piece.id in pieces]
    if missing:
        raise UserError(
            f"{len(missing)} 件实证材料的文件不在工作区里，或不完整：{'；'.join(map(_placed, missing[:5]))}",
            f"请用“替换”重新添加这些文件，或取消它们与条款的关联，再{what}。",
        )
    check_masked(session, pieces, what)


def check_masked(session: Session, pieces: Collection[str], what: str) -> None:
    """UserError where one of `pieces` (by id) is the original of a picture that is masked in another piece."""
    if bare := [piece for piece in exposed(session.assessment) if piece.id in pieces]:
        raise UserError(
            f"{'、'.join(map(quoted, bare[:5]))}是别处已遮盖图片的原图，没有遮盖",
            f"请打开它的“遮盖”，盖住同样的地方，再{what}。",
        )


def _placed(piece: Evidence) -> str:
    return f"{piece.clauses[0]}{quoted(piece)}" if piece.clauses else quoted(piece)
