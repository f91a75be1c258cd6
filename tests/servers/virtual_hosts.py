"""A broker of a test's own, on a server that several tests share."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import urllib3


@contextmanager
def virtual_host(url: str, management_url: str) -> Iterator[str]:
    """`url` with a virtual host that is nobody else's, and gone afterwards."""
    name = f"test-{uuid4().hex[:8]}"
    pool = urllib3.PoolManager()
    at = f"{management_url.rstrip('/')}/api/vhosts/{name}"
    auth = urllib3.util.parse_url(management_url).auth or "guest:guest"
    headers = urllib3.make_headers(basic_auth=auth)
    assert pool.request("PUT", at, headers=headers).status in {201, 204}
    yield f"{url.rsplit('/', 1)[0]}/{name}"
    pool.request("DELETE", at, headers=headers)
    pool.clear()
