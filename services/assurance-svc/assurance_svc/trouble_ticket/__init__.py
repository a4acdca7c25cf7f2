"""TMF621 troubleTicket, from any channel or from an alarm."""
