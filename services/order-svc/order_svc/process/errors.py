"""What an operator or a channel may ask of a process that it can't do."""

from dualbus_kit.errors import Conflict, NotFound


class ProcessNotFound(NotFound):
    code = "processNotFound"
    reason = "There is no such process"


class PastPointOfNoReturn(Conflict):
    code = "pastPointOfNoReturn"
    reason = "The order is past the point of no return"


class NothingToRetry(Conflict):
    code = "nothingToRetry"
    reason = "No task of the process has failed"


class NothingToAbandon(Conflict):
    code = "nothingToAbandon"
    reason = "The process is not in fallout"


class PlansContradict(Conflict):
    code = "plansContradict"
    reason = "The plans of the order's items can't be carried out together"
