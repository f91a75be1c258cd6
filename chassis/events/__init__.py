"""Where events are, and what operators do about them: `motcua events`, and the API behind their page."""
