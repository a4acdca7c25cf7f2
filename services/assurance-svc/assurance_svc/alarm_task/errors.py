"""What can be wrong with a task on alarms."""

from dualbus_kit.errors import Conflict, Invalid


class PatternTooWide(Invalid):
    code = "alarmPatternTooWide"
    reason = "The pattern is met by more alarms than one task may change"


class AlarmGroupLoop(Conflict):
    code = "alarmGroupLoop"
    reason = "An alarm can't be above itself"
