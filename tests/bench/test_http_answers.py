"""What the bench's HTTP client tells of an answer."""

from dualbus_cli.bench.http_client import Answer


def test_header_is_found_by_its_whole_name() -> None:
    answer = Answer(206, b"[]", b"http/1.1 206 partial\r\nx-total-count: 12\r\ncontent-length: 2")

    assert answer.header("x-total-count") == "12"
    assert answer.header("content-length") == "2"
    assert answer.header("count") is None
