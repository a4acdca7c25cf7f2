"""The chassis of every service: settings, application, errors, database, logs, metrics, health."""
