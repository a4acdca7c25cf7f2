"""Metrics of the buses, in Prometheus' terms. Labels are few and known beforehand."""

from prometheus_client import Counter, Gauge, Histogram

_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)

OUTBOX_PENDING = Gauge("outbox_pending", "Messages committed but not yet published.")
OUTBOX_OLDEST = Gauge("outbox_oldest_age_seconds", "Age of the oldest message not yet published.")
OUTBOX_PARKED = Gauge("outbox_parked", "Messages that the broker refused for good.")
RELAY_BATCH = Histogram("outbox_relay_batch_size", "Messages per relay batch.", buckets=_SIZES)
RELAY_PUBLISHED = Counter("messaging_client_sent_messages_total", "Messages acknowledged.")
WATERMARK_MISSES = Counter(
    "outbox_watermark_miss_total", "Rows found below the relay's watermark; must stay 0."
)
OPERATION_SECONDS = Histogram(
    "messaging_client_operation_duration_seconds",
    "Time of one request to the broker: send a batch, poll (waiting included), commit offsets.",
    ["operation"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
CONSUMED = Counter(
    "messaging_client_consumed_messages_total", "Messages taken from the log.", ["topic"]
)
PROCESS_SECONDS = Histogram(
    "messaging_process_duration_seconds",
    "Time to apply one batch, from its first statement to its commit.",
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5, 30),
)
CONSUMER_BATCH = Histogram("consumer_batch_size", "Messages per consumer batch.", buckets=_SIZES)
CONSUMER_LAG = Gauge(
    "consumer_lag",
    "Messages in the log that were not yet handled.",
    ["group", "topic", "partition"],
)
CONSUMER_LAG_SECONDS = Gauge(
    "consumer_lag_seconds",
    "Age of the last applied message while more are waiting, else 0.",
    ["group"],
)
CONSUMER_GAPS = Counter(
    "consumer_gap_total", "Times that a partition did not continue at the expected offset."
)
INBOX_DUPLICATES = Counter(
    "inbox_duplicates_total", "Messages that had been handled before and were left out."
)
PARKED_KEYS = Gauge("parked_keys", "Keys whose messages are set aside.")
PARKED_MESSAGES = Counter("parked_messages_total", "Messages set aside.", ["topic"])
CONSUMER_STOPPED = Gauge(
    "consumer_stopped", "1 while the consumer takes nothing because most messages fail.", ["group"]
)
SYSTEMIC_FAILURES = Counter(
    "systemic_failures_total",
    "Times that a consumer stopped because most messages fail.",
    ["group"],
)
REBALANCES = Counter("rebalances_total", "Rebalances of the consumer group seen by this member.")
LOOP_LAG = Gauge("event_loop_lag_seconds", "How late the event loop runs what is due.")
XMIN_AGE = Gauge("xmin_age_seconds", "Age of the oldest running transaction of this database.")
CALLS = Counter("outbound_calls_total", "Calls to outside systems.", ["kind", "outcome"])
TIMERS_FIRED = Counter("timers_fired_total", "Timers that came due.", ["kind"])
