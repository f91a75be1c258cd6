"""Publishing, and telling again what was published."""
