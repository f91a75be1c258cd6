"""What happens in notify: people are told, messages are sent, agencies' logs grow and are served."""
