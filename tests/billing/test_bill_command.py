"""`dualbus bill` against a real billing-svc, over a real port."""

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
import pytest
import uvicorn
from billing_svc.charge.document import Charge
from billing_svc.service import SERVICE
from billing_svc.settings import BillingSettings
from dualbus_cli.main import command_line
from dualbus_events.service import process_of
from dualbus_kit.service import create_app
from typer.testing import CliRunner, Result

from tests.billing.billing_tasks import a_customer
from tests.harness import fresh_database


@contextmanager
def _service(dsn: str) -> Iterator[str]:
    """billing-svc on a real port, on a loop of its own."""
    settings = {
        "database_url": dsn,
        "port": 1,
        "roles": frozenset({"api"}),
        "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1",
    }
    service = create_app(process_of(SERVICE, BillingSettings.model_validate(settings)))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(service, log_config=None))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


async def _three_accounts(dsn: str) -> None:
    connection = await asyncpg.connect(dsn)
    for number in range(3):
        charge = Charge.model_validate(
            {
                "id": f"charge-{number}",
                "name": "Fibre",
                "state": "active",
                "amount": {"unit": "USD", "value": 1000.25},
                "startDate": "2026-11-05T10:00:00Z",
                "product": {"id": f"product-{number}"},
                "billingAccount": {"id": f"account-{number}"},
                "relatedParty": [a_customer(f"customer-{number}")],
            }
        )
        await connection.execute(
            "INSERT INTO charge (id, version, body, account_id, product_id, price_key, state,"
            " recurring, void, charged_amount, start_date)"
            " VALUES ($1, 1, $2, $3, $4, 'p', 'active', true, false, 1000.25, $5)",
            charge.id,
            charge.to_bytes().decode(),
            charge.billing_account.id,
            charge.product.id,
            charge.start_date,
        )
    await connection.close()


def _dualbus(*arguments: str) -> Result:
    return CliRunner().invoke(command_line("bill"), ["bill", *arguments])


@pytest.mark.timeout(90)
def test_command_bills_a_period_and_says_what_came_of_it(postgres_dsn: str) -> None:
    dsn = asyncio.run(fresh_database(postgres_dsn, SERVICE))
    asyncio.run(_three_accounts(dsn))
    with _service(dsn) as url:
        first = _dualbus("run", "--period", "2026-12", "--url", url)
        again = _dualbus("run", "--period", "2026-12", "--url", url, "--json")
        shown = _dualbus("show", "--period", "2026-12", "--url", url)
        wrong = _dualbus("run", "--period", "2026-13", "--url", url)
    unreachable = _dualbus("run", "--period", "2026-12", "--url", url)

    assert first.stdout == "2026-12: 3 bills with 3 lines, 3,000.75 USD\n"
    assert (first.exit_code, first.stderr) == (0, "")
    assert (json.loads(again.stdout)["bills"], json.loads(again.stdout)["alreadyBilled"]) == (0, 3)
    assert shown.stdout == "2026-12: 3 bills, 3,000.75 USD\n"
    assert (wrong.exit_code, wrong.stdout) == (2, "")
    assert "month 13" in wrong.stderr
    assert unreachable.exit_code == 1
    assert "can't be reached" in unreachable.stderr
