"""assurance-svc's resources."""

from tests.conformance.case import Case

_ALARM = {
    "alarmType": "equipmentAlarm",
    "alarmRaisedTime": "2026-01-31T09:30:00.000Z",
    "alarmedObject": {"id": "conformance"},
    "perceivedSeverity": "major",
    "probableCause": "lossOfSignal",
    "sourceSystemId": "nms",
    "state": "raised",
}

CASES = [
    Case(
        "TMF621",
        "TroubleTicket",
        {"description": "No line", "severity": "Major", "ticketType": "complaint"},
        fixed=frozenset(("lastUpdate", "resolutionDate", "statusChange", "statusChangeDate")),
    ),
    Case(
        "TMF642",
        "Alarm",
        _ALARM,
        fixed=frozenset(("affectedService", "serviceAffecting")),
        not_here={"delete": "an alarm that is not cleared can't be deleted: 409"},
    ),
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
