"""What a person is told, how often we try, what an agency may read."""
