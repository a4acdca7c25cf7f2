"""Alerts name metrics that exist, and nobody's consumer can be missing unnoticed."""

import importlib
import re
from typing import Any, Final

import pytest
import yaml
from dualbus_cli.places import REPOSITORY
from dualbus_cli.programs import SERVICES
from dualbus_events.service import ServiceSpec
from prometheus_client import REGISTRY

_WORDS: Final = {"increase", "absent", "or"}
_GUIDE: Final = (REPOSITORY / "docs" / "operations.md").read_text()
# What the buses promise to show; the names are OpenTelemetry's where it has one.
_PROMISED: Final = (
    "messaging_client_sent_messages_total",
    "messaging_client_consumed_messages_total",
    "messaging_client_operation_duration_seconds_bucket",
    "messaging_process_duration_seconds_bucket",
    "outbox_pending",
    "outbox_oldest_age_seconds",
    "outbox_relay_batch_size_bucket",
    "outbox_parked",
    "outbox_watermark_miss_total",
    "consumer_lag",
    "consumer_lag_seconds",
    "consumer_gap_total",
    "consumer_stopped",
    "systemic_failures_total",
    "inbox_duplicates_total",
    "parked_keys",
    "parked_messages_total",
    "rebalances_total",
    "event_loop_lag_seconds",
    "xmin_age_seconds",
    "projection_version_gap_total",
)


def rules() -> list[dict[str, Any]]:
    text = (REPOSITORY / "deploy" / "prometheus" / "alerts.yml").read_text()
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]


def services() -> list[ServiceSpec]:
    return [importlib.import_module(f"{one.module}.service").SERVICE for one in SERVICES]


def exported() -> set[str]:
    """Every sample's name that a service may export: families without a child have none yet."""
    services()
    suffixes = {
        "counter": ("_total",),
        "gauge": ("",),
        "histogram": ("_bucket", "_sum", "_count"),
    }
    return {
        family.name + suffix
        for family in REGISTRY.collect()
        for suffix in suffixes.get(family.type, ("",))
    }


@pytest.mark.parametrize("name", _PROMISED)
def test_a_promised_metric_exists_and_the_guide_explains_it(name: str) -> None:
    assert name in exported()
    assert f"`{name.removesuffix('_bucket')}" in _GUIDE


def test_alerts_ask_for_metrics_that_exist() -> None:
    asked = set()
    for rule in rules():
        bare = re.sub(r'\{[^}]*\}|\[\w+\]|"[^"]*"', " ", rule["expr"])
        asked |= set(re.findall(r"[a-z]\w*", bare)) - _WORDS

    assert asked
    assert asked <= exported()


def test_every_consumer_is_missed_when_it_is_gone() -> None:
    [rule] = [one for one in rules() if one["alert"] == "ConsumerMissing"]
    watched = set(re.findall(r'absent\(consumer_lag_seconds\{group="(.+?)"\}\)', rule["expr"]))

    assert watched == {consumer.group for one in services() for consumer in one.consumers}


def test_every_alert_says_where_the_guide_says_what_to_do() -> None:
    for rule in rules():
        page, _, anchor = rule["annotations"]["action"].partition("#")
        assert page == "docs/operations.md"
        assert f'<a id="{anchor}"></a>' in _GUIDE, rule["alert"]
