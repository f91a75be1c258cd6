"""A provider above the portal, such as VNeID: its people are the sandbox's, and choose who they are."""
