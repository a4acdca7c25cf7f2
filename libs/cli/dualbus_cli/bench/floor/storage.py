"""The floor's tables and its one statement per message."""

import asyncpg

SCHEMA = """
CREATE TABLE doc (id text PRIMARY KEY, version bigint NOT NULL, done int NOT NULL,
                  body bytea NOT NULL);
CREATE TABLE fact (resource text, id text, version bigint NOT NULL, state text NOT NULL,
                   body bytea NOT NULL, applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
                   PRIMARY KEY (resource, id));
CREATE INDEX fact_applied ON fact USING brin (applied_at);
CREATE TABLE outbox (seq bigserial PRIMARY KEY, topic text NOT NULL, key bytea NOT NULL,
                     value bytea NOT NULL);
"""
# Changes the service's row and writes what follows, in one round and one transaction.
ACT = """
WITH changed AS (
  INSERT INTO doc (id, version, done, body) VALUES ($1, 1, $2, $3)
  ON CONFLICT (id) DO UPDATE SET version = doc.version + 1, done = doc.done | excluded.done,
    body = excluded.body
  RETURNING done)
INSERT INTO outbox (topic, key, value)
SELECT o.topic, o.key, o.value
FROM changed, unnest($4::text[], $5::bytea[], $6::bytea[], $7::int[]) o(topic, key, value, need)
WHERE changed.done & o.need = o.need
"""
COPY = """
INSERT INTO fact (resource, id, version, state, body) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (resource, id) DO UPDATE SET version = excluded.version, state = excluded.state,
  body = excluded.body, applied_at = clock_timestamp()
WHERE fact.version < excluded.version
"""
READ_OUTBOX = "SELECT seq, topic, key, value FROM outbox ORDER BY seq LIMIT 500"
DELETE_OUTBOX = "DELETE FROM outbox WHERE seq = ANY($1)"

Pool = asyncpg.Pool
