from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
import urllib3


@pytest.fixture(scope="module")
def virtual_host(rabbitmq_url: str, rabbitmq_management_url: str) -> Iterator[str]:
    """A URL to a broker of the module's own."""
    at = urlsplit(rabbitmq_management_url)
    headers = urllib3.make_headers(basic_auth=f"{at.username}:{at.password}")
    name = f"sdk-{uuid4().hex[:8]}"
    url = f"http://{at.hostname}:{at.port}/api/vhosts/{name}"
    with urllib3.PoolManager() as pool:
        assert pool.request("PUT", url, headers=headers).status == 201
        yield f"{rabbitmq_url.rsplit('/', 1)[0]}/{name}"
        pool.request("DELETE", url, headers=headers)
