"""From messages to tables: facts by version, timeline by event, track by task."""
