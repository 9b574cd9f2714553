"""The demonstration's own clock, so that it is the same each time it is made."""

from datetime import datetime, timedelta, timezone

_ZONE = timezone(timedelta(hours=8))
_STEP = timedelta(seconds=20)


class Clock:
    """It goes on by the same step at each look."""

    def __init__(self, start: datetime) -> None:
        self._at = start.replace(tzinfo=_ZONE)

    def __call__(self) -> datetime:
        self._at += _STEP
        return self._at

    def go_to(self, moment: datetime) -> None:
        """Be there at the next look, or stay where it is later already."""
        self._at = max(self._at, moment.replace(tzinfo=_ZONE))
