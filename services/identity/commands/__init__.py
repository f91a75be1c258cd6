"""What people can do here, one function each."""
