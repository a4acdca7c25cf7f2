"""Where callbacks may not point, and that the connection goes to what was checked."""

from collections.abc import Sequence
from ipaddress import IPv4Network, ip_network

import pytest
from eai_svc.hub.addresses import ForbiddenAddress, Resolve, checked_address, resolve
from eai_svc.settings import EaiSettings


def resolving_to(*addresses: str) -> Resolve:
    async def ask(_host: str, _port: int) -> Sequence[str]:
        return addresses

    return ask


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "::127.0.0.1",
        "64:ff9b:1::7f00:1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:0001::",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe",
    ],
)
async def test_inside_addresses_are_refused(address: str) -> None:
    with pytest.raises(ForbiddenAddress, match="may not reach"):
        await checked_address("partner.example", 443, allowed=(), ask=resolving_to(address))


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
async def test_public_addresses_are_reached(address: str) -> None:
    found = await checked_address("partner.example", 443, allowed=(), ask=resolving_to(address))

    assert found == address


async def test_one_inside_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(ForbiddenAddress):
        await checked_address(
            "partner.example", 443, allowed=(), ask=resolving_to("93.184.215.14", "10.0.0.1")
        )


async def test_the_operator_may_allow_a_network_inside_and_only_that() -> None:
    allowed = (IPv4Network("10.1.0.0/16"),)

    assert await checked_address("a", 80, allowed=allowed, ask=resolving_to("10.1.2.3"))
    with pytest.raises(ForbiddenAddress):
        await checked_address("a", 80, allowed=allowed, ask=resolving_to("10.2.0.1"))


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "127.1", "localhost"])
async def test_other_ways_to_write_loopback_are_seen_through(host: str) -> None:
    with pytest.raises(ForbiddenAddress):
        await checked_address(host, 80, allowed=(), ask=resolve)


def test_allowed_networks_are_read_from_one_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "EAI_DATABASE_URL": "postgresql://here/eai_svc",
        "EAI_PORT": "8107",
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092",
        "EAI_HUB_ALLOWED_NETWORKS": "10.1.0.0/16,fd00::/8",
    }.items():
        monkeypatch.setenv(name, value)

    settings = EaiSettings.of("eai")

    assert settings.hub_allowed_networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))
