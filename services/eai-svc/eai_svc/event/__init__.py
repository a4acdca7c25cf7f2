"""TMF688 event management: the topics of the ODS bus over HTTP, their events, their hubs."""
