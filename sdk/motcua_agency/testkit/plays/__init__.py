"""What is played against a consumer. Each play begins with an empty queue, ledger and state."""
