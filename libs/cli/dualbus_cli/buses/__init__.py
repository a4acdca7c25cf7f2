"""What Kafka itself says about the buses, whether or not a service runs."""
