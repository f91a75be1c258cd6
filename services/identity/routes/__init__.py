"""Identity's doors: HTTP, and the command line for whoever runs the portal."""
