"""The gateway: one door for the API and the pages. No database, no bus."""

from datetime import timedelta

from flask import Flask

from gateway import (
    errors,
    events,
    forms,
    health,
    language,
    metrics,
    openapi,
    pages,
    passing,
    proxy,
    rates,
    security,
    sessions,
)
from gateway.backend import Backend
from gateway.settings import Settings


def create_app(settings: Settings) -> Flask:
    app = Flask(__name__, static_folder="static", template_folder="pages/templates")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        MAX_CONTENT_LENGTH=settings.body_limit,
        SESSION_COOKIE_NAME="__Host-motcua-flow" if settings.secure else "motcua-flow",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=1),
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(days=365),
    )
    app.extensions["motcua"] = Backend(settings)
    app.before_request(metrics.begin)
    app.before_request(passing.begin)
    app.before_request(rates.Rates(settings).check)
    app.before_request(language.switch)
    app.before_request(sessions.begin)
    app.before_request(forms.check)
    for change in (sessions.write, language.mark, security.protect, metrics.count):
        app.after_request(change)
    for part in (health, metrics, openapi, events, proxy):
        app.register_blueprint(part.blueprint)
    pages.add_to(app)
    errors.register(app)
    return app
