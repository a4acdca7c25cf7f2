"""Facts of assurance-svc's TMF642 tasks: what someone did to many alarms at once."""

from typing import Any

from dualbus_events.document import Document, Moment, Reference
from dualbus_events.tmforum.documents import defined, defined_topic


@defined("TMF642")
class AckAlarms(Document):
    """TMF642 AckAlarms; `ackedAlarm` are those that it acknowledged."""

    state: str
    ack_system_id: str
    ack_user_id: str
    acked_alarm: list[Reference] | None = None


@defined("TMF642")
class UnAckAlarms(Document):
    """TMF642 UnAckAlarms; `unAckedAlarm` are those whose acknowledgement it took back."""

    state: str
    ack_system_id: str
    ack_user_id: str
    un_acked_alarm: list[Reference] | None = None


@defined("TMF642")
class ClearAlarms(Document):
    """TMF642 ClearAlarms; `clearedAlarm` are those that it cleared."""

    state: str
    alarm_cleared_time: Moment
    clear_system_id: str
    clear_user_id: str
    cleared_alarm: list[Reference] | None = None


@defined("TMF642")
class CommentAlarms(Document):
    """TMF642 CommentAlarms; `commentedAlarm` are those that bear the comment."""

    state: str
    comment: dict[str, Any]
    commented_alarm: list[Reference] | None = None


@defined("TMF642")
class GroupAlarms(Document):
    """TMF642 GroupAlarms; `groupedAlarm` are those that it put under the parent."""

    state: str
    source_system_id: str
    parent_alarm: Reference
    correlated_alarm: list[Reference]
    grouped_alarm: list[Reference] | None = None


@defined("TMF642")
class UnGroupAlarms(Document):
    """TMF642 UnGroupAlarms; `unGroupedAlarm` are those that it took from under the parent."""

    state: str
    source_system_id: str
    parent_alarm: Reference
    correlated_alarm: list[Reference]
    un_grouped_alarm: list[Reference] | None = None


ACK_ALARMS = defined_topic("assurance", AckAlarms)
UN_ACK_ALARMS = defined_topic("assurance", UnAckAlarms)
CLEAR_ALARMS = defined_topic("assurance", ClearAlarms)
COMMENT_ALARMS = defined_topic("assurance", CommentAlarms)
GROUP_ALARMS = defined_topic("assurance", GroupAlarms)
UN_GROUP_ALARMS = defined_topic("assurance", UnGroupAlarms)
