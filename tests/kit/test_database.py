"""What a database's URL may say beside what PostgreSQL itself understands."""

import pytest
from dualbus_kit.database import split_cache_size

_URL = "postgresql://order_svc:p%40ss@10.0.0.7:6432/order_svc"


def test_a_url_without_a_query_is_left_as_it_is_and_statements_are_kept() -> None:
    assert split_cache_size(_URL) == (_URL, 100)


def test_the_cache_size_is_taken_out_of_the_url_and_nothing_else_is() -> None:
    url = f"{_URL}?sslmode=require&statement_cache_size=0&options=-c%20jit%3Doff"

    server, size = split_cache_size(url)

    assert server == f"{_URL}?sslmode=require&options=-c+jit%3Doff"
    assert size == 0


def test_a_cache_size_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="many"):
        split_cache_size(f"{_URL}?statement_cache_size=many")
