"""The web client: one module per part of the portal, each with a `blueprint`."""

from importlib import import_module
from pkgutil import iter_modules

from flask import Flask

from gateway import forms, language, security, sessions, texts, words
from gateway.static_files import versioned


def add_to(app: Flask) -> None:
    """Every module of this package that has a `blueprint` adds its pages."""
    for found in iter_modules(__path__):
        module = import_module(f"{__name__}.{found.name}")
        if hasattr(module, "blueprint"):
            app.register_blueprint(module.blueprint)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        t=texts.t,
        has_text=texts.has,
        nonce=security.nonce,
        csrf_token=forms.csrf_token,
        lang=language.current,
        address_in=language.address_in,
        viewer=sessions.viewer,
        unread=sessions.unread,
        versioned=versioned,
    )
    for word in (
        words.day,
        words.weekday,
        words.clock,
        words.day_and_clock,
        words.vnd,
        words.decimal,
        words.grouped,
    ):
        app.jinja_env.filters[word.__name__] = word
    app.jinja_env.filters["named"] = words.name
