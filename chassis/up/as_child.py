"""`python -m chassis.up.as_child MODULE ARGUMENT...`: a module in a fresh interpreter, as one of ours.

What the process forks dies with it, as what is forked without a fresh interpreter does.
"""

import os
import runpy
import sys

from chassis.up.kernel import die_with_parent

if __name__ == "__main__":
    os.register_at_fork(after_in_child=die_with_parent)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
