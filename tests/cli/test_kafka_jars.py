"""Kafka's jars are locked, and what is not the locked jar is refused."""

from pathlib import Path

import pytest
from dualbus_cli.embedded.errors import EmbeddedServerUnavailable
from dualbus_cli.embedded.kafka_jars import kafka_classpath, locked_jars


def test_every_jar_of_kafka_has_one_version() -> None:
    versions = {jar.version for jar in locked_jars() if jar.group == "org.apache.kafka"}

    assert len(versions) == 1


def test_no_library_is_locked_twice() -> None:
    names = [(jar.group, jar.artifact) for jar in locked_jars()]

    assert len(set(names)) == len(names)


def test_an_unreachable_registry_names_both_ways_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("M2_REPO", str(tmp_path / "repository"))
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")

    with pytest.raises(EmbeddedServerUnavailable) as raised:
        kafka_classpath()

    assert "Maven repository" in str(raised.value)
    assert "KAFKA_BOOTSTRAP_SERVERS" in str(raised.value)
    assert "DATABASE_URL" in str(raised.value)
