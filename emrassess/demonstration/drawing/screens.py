"""The kinds of screens by the name the demonstration's data call them."""

from collections.abc import Callable, Mapping

from emrassess.demonstration.drawing import administration, clinical, specialist
from emrassess.demonstration.drawing.shot import Shot

SCREENS: Mapping[str, Callable[[Shot], bytes]] = {
    screen.__name__: screen
    for screen in (
        clinical.work_list,
        clinical.laboratory_report,
        clinical.imaging_report,
        clinical.vital_signs,
        clinical.handheld,
        clinical.record_editor,
        clinical.review,
        specialist.schedule,
        specialist.anaesthesia,
        specialist.central_station,
        specialist.blood_bank,
        specialist.closed_loop,
        administration.record_quality,
        administration.statistics,
        administration.dictionary,
        administration.permissions,
        administration.signature,
        administration.machine_room,
        administration.overview,
    )
}


def draw(screen: str, shot: Shot) -> bytes:
    """The PNG of one screen; KeyError for a kind there is not."""
    return SCREENS[screen](shot)
