"""TMF630 hubs: registering for events at any API. eai-svc delivers (docs/hub.md)."""
