"""The published language: one file per service that speaks, frozen and typed events.

A changed event may only add optional fields; anything else is a new version beside the old one.
No personal data in clear: what one of our services must know travels `Sealed` for it.
"""
