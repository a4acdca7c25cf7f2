"""assurance-svc's resources."""

from dualbus_tmf.state_machines import ALARM, SERVICE_PROBLEM, TROUBLE_TICKET

from tests.conformance.case import Body, Case
from tests.harness import Harness

_ALARM = {
    "alarmType": "equipmentAlarm",
    "alarmRaisedTime": "2026-01-31T09:30:00.000Z",
    # As little as TM Forum's kit says of it.
    "alarmedObject": {},
    "perceivedSeverity": "major",
    "probableCause": "lossOfSignal",
    "sourceSystemId": "nms",
    "state": "raised",
}
# What tasks do to alarms is tested in tests/assurance; here they need none.
_PATTERN = {"alarmPattern": [{"alarmedObject": {"id": "elsewhere"}, "state": "raised"}]}
_BY = {"ackUserId": "mia", "ackSystemId": "noc"}
_GROUP = {"sourceSystemId": "noc", "alarmChangedTime": "2026-01-31T09:35:00.000Z"}


async def _two_alarms(service: Harness) -> Body:
    path = "/tmf-api/alarm/v4/alarm"
    one, other = [(await service.client.post(path, json=_ALARM)).json()["id"] for _ in range(2)]
    return {"parentAlarm": {"id": one}, "correlatedAlarm": [{"id": other}]}


_PROBLEM = {
    "category": "supplier.originated",
    "description": "No telephony in the north",
    "originatorParty": {"id": "noc", "@referredType": "Organization"},
    "priority": 1,
    "reason": "Card failed",
}


async def _two_problems(service: Harness) -> Body:
    path = "/tmf-api/serviceProblemManagement/v4/serviceProblem"
    one, other = [(await service.client.post(path, json=_PROBLEM)).json()["id"] for _ in range(2)]
    return {"parentProblem": {"id": one}, "childProblem": [{"id": other}]}


async def _a_problem(service: Harness) -> Body:
    return {"problem": (await _two_problems(service))["childProblem"]}


CASES = [
    Case(
        "TMF621",
        "TroubleTicket",
        {"description": "No line", "severity": "Major", "ticketType": "complaint"},
        machine=TROUBLE_TICKET,
        fixed=frozenset(("lastUpdate", "resolutionDate", "statusChange", "statusChangeDate")),
    ),
    Case(
        "TMF642",
        "Alarm",
        _ALARM,
        machine=ALARM,
        # The definition says alarm; TM Forum's kit, and version 5, this.
        also_at=["/tmf-api/alarmManagement/v4/alarm"],
        fixed=frozenset(("affectedService", "serviceAffecting")),
        not_here={"delete": "an alarm that is not cleared can't be deleted: 409"},
    ),
    Case("TMF642", "AckAlarms", _BY | _PATTERN, fixed=frozenset(("ackedAlarm",))),
    Case("TMF642", "UnAckAlarms", _BY | _PATTERN, fixed=frozenset(("unAckedAlarm",))),
    Case(
        "TMF642",
        "ClearAlarms",
        {
            "clearUserId": "mia",
            "clearSystemId": "noc",
            "alarmClearedTime": "2026-01-31T10:30:00.000Z",
            **_PATTERN,
        },
        fixed=frozenset(("clearedAlarm",)),
    ),
    Case(
        "TMF642",
        "CommentAlarms",
        {"comment": {"comment": "Crew is on its way", "userId": "mia"}, **_PATTERN},
        fixed=frozenset(("commentedAlarm",)),
    ),
    Case(
        "TMF642",
        "GroupAlarms",
        _GROUP,
        prepare=_two_alarms,
        fixed=frozenset(("groupedAlarm",)),
    ),
    Case(
        "TMF642",
        "UnGroupAlarms",
        _GROUP,
        prepare=_two_alarms,
        fixed=frozenset(("unGroupedAlarm",)),
    ),
    Case("TMF656", "ServiceProblem", _PROBLEM, machine=SERVICE_PROBLEM),
    Case(
        "TMF656",
        "ProblemAcknowledgement",
        prepare=_a_problem,
        fixed=frozenset(("ackProblem",)),
    ),
    Case(
        "TMF656",
        "ProblemUnacknowledgement",
        prepare=_a_problem,
        fixed=frozenset(("unackProblem",)),
    ),
    Case("TMF656", "ProblemGroup", prepare=_two_problems),
    Case("TMF656", "ProblemUngroup", prepare=_two_problems),
    Case(
        "TMF657",
        "ServiceLevelObjective",
        {
            "conformanceComparator": ">",
            "conformanceTarget": "99.9",
            "serviceLevelObjectiveParameter": {"name": "availability"},
        },
    ),
    Case(
        "TMF657",
        "ServiceLevelSpecification",
        {"name": "Gold", "relatedServiceLevelObjective": [{"id": "1"}]},
    ),
]
