"""provisioning-svc: from a task to an active service on the network."""
