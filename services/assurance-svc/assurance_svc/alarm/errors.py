"""What can be wrong with a request about alarms."""

from dualbus_kit.errors import Conflict, NotFound


class AlarmNotFound(NotFound):
    code = "alarmNotFound"
    reason = "The alarm does not exist"


class AlarmStillOpen(Conflict):
    code = "alarmStillOpen"
    reason = "An alarm that is not cleared can't be deleted"
