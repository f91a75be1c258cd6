"""OpenID Connect: other portals sign people in through us. Authlib holds the rules."""
