"""The two buses: facts and tasks, from a commit in one service to a handler in another."""
