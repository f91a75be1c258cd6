"""`motcua doctor`: is this installation as it must be? Each check says how to mend what it finds."""
