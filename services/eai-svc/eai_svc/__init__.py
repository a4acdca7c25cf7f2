"""eai-svc: outside systems as participants of the EAI bus."""
