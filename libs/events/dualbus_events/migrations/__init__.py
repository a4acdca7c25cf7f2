"""Migrations: the bus's tables, which every service's database has, and the way to run them."""
