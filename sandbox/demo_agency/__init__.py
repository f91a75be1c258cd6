"""An agency's back office that decides every dossier it gets: over AMQP, or at the desk API."""
