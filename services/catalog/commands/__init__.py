"""Publishing, one function for each thing published."""
