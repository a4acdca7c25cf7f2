"""TMF656: problems of services, and the tasks on them."""
