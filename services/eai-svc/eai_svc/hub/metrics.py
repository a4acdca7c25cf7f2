"""Metrics of webhooks, in Prometheus' terms."""

from prometheus_client import Counter

DELIVERIES = Counter(
    "hub_deliveries_total", "Events posted to subscribers, by what became of it.", ["outcome"]
)
