"""The digits of a captcha's picture, for a test that cannot see.

The portal keeps only a keyed hash of them, and nothing can be asked to reveal them. But whoever has the
identity service's own index key and its database can try all numbers of five digits; the test started that
service and so has both. Without the key, as for everybody else, the hash says nothing.
"""

from base64 import b64decode
from itertools import product
from uuid import UUID

import psycopg

from chassis import personal
from services.identity.commands.captcha import DIGITS
from tests.system.portal import Portal


def digits_of(portal: Portal, picture: str) -> str:
    with psycopg.connect(portal.environment["IDENTITY_DATABASE_URL"]) as database:
        found = database.execute("SELECT digest FROM pictures WHERE id = %s", [picture]).fetchone()
    assert found is not None, "the picture is not there any more"
    key = b64decode(portal.environment["IDENTITY_INDEX_KEY"])
    for tried in map("".join, product("0123456789", repeat=DIGITS)):
        if personal.index(key, f"picture:{UUID(picture)}:{tried}") == found[0]:
            return tried
    raise AssertionError("no number of five digits has this hash")
