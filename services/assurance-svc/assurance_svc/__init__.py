"""assurance-svc: what was promised (TMF657), what is broken (TMF642), who is told (TMF621)."""
