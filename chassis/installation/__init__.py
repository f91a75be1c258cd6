"""What an installation needs before anything runs: secrets, certificates, databases."""
