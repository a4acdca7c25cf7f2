"""From the severity of an alarm (X.733) to that of a ticket (TMF621)."""

_OF_ALARM = {"critical": "Critical", "major": "Major"}
_ORDER = ("Minor", "Major", "Critical")


def severity_of(perceived_severity: str) -> str:
    """Critical or Major; everything else an alarm may say is Minor."""
    return _OF_ALARM.get(perceived_severity.casefold(), "Minor")


def graver(present: str, other: str) -> str:
    """The graver of two; one that a person wrote in their own words stays."""
    if present not in _ORDER:
        return present
    return max(present, other, key=_ORDER.index)
