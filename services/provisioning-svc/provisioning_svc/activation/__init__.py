"""The tasks of the EAI bus: activate, cease, and their undoing."""
