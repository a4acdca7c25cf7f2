"""What the buses carry, said in JSON Schema and AsyncAPI, drawn from the models themselves."""
