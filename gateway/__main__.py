# ruff: noqa: E402
from gevent import monkey

monkey.patch_all()

import sys

from gateway.server import serve

serve(bind=sys.argv[1], workers=int(sys.argv[2]))
