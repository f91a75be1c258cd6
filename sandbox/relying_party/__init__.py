"""A ministry's portal that signs people in through the portal: what such a portal must check, by hand."""
