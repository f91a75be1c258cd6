"""How any service runs. Not one business noun lives here."""
