"""JSON lines on standard error. No path, no body, no header: nothing a person typed."""

import logging
import sys
from typing import Any

import structlog

from chassis import tracing


def configure(process: str) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_process(process),
            _add_trace,
            _only_the_shape_of_errors,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=lambda *_: structlog.WriteLogger(sys.stderr),
    )


def _add_process(process: str) -> structlog.types.Processor:
    def add(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
        event.setdefault("process", process)
        return event

    return add


def _add_trace(_logger: Any, _method: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    trace = tracing.current()
    if trace:
        event["trace_id"] = trace.split("-")[1]
    return event


def _only_the_shape_of_errors(
    _logger: Any, _method: str, event: structlog.types.EventDict
) -> structlog.types.EventDict:
    """An exception's message may quote a row or an answer; its type and place may not."""
    error = event.pop("exc_info", None)
    if isinstance(error, BaseException):
        event["error"] = type(error).__name__
        event["at"] = _places(error)
    return event


def _places(error: BaseException) -> list[str]:
    places, trace = [], error.__traceback__
    while trace:
        code = trace.tb_frame.f_code
        places.append(f"{code.co_filename}:{trace.tb_lineno} {code.co_name}")
        trace = trace.tb_next
    return places[-8:]
