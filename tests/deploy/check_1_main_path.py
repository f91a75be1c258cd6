"""Every *main* row of the API through the one published port, over HTTPS, by a name that is not localhost.

The same tests that are run against the processes of one machine, here against containers.
"""

from tests.system.test_main_path import *  # noqa: F403
