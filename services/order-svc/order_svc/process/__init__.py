"""The process manager: leads every order through its plans' tasks."""
