"""TMF642 tasks: acknowledge, clear, comment and group many alarms in one request."""
