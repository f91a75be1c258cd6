"""A call that the sandbox may be told to fail, slow down or lose the answer of."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import jsonify
from flask.typing import ResponseReturnValue

from sandbox.faults import Faults

P = ParamSpec("P")


def misbehaving(call: Callable[P, ResponseReturnValue], faults: Faults) -> Callable[P, ResponseReturnValue]:
    @wraps(call)
    def answer(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        failed = faults.before()
        if failed:
            return problem(failed, "the sandbox was told to fail")
        done = call(*args, **kwargs)
        failed = faults.after()
        return problem(failed, "the sandbox was told to lose this answer") if failed else done

    return answer


def problem(status: int, detail: str, field: str | None = None) -> ResponseReturnValue:
    return jsonify({"status": status, "detail": detail, "field": field}), status
