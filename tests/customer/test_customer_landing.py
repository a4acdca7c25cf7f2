"""The page that a person sees who opens a service's address."""

import re

from tests.harness import Harness


async def test_landing_page_leads_to_api_events_and_health(customer_svc: Harness) -> None:
    page = await customer_svc.client.get("/")

    links = [link.partition("?")[0] for link in re.findall(r'href="([^"]+)"', page.text)]
    answers = {link: (await customer_svc.client.get(f"/{link}")).status_code for link in links}
    assert page.headers["Content-Type"].startswith("text/html")
    assert {
        "docs",
        "openapi.json",
        "asyncapi.json",
        "health/ready",
        "metrics",
        "tmf-api/customerManagement/v4/customer",
        "schemas/CustomerCreateEvent/1",
    } <= set(links)
    assert set(answers.values()) == {200}
