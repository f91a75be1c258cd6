"""Over HTTP: the certificate authority, its cards, and the mobile signature service with its phones."""

from base64 import b64decode, b64encode

from flask import Flask, Response, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from sandbox import page
from sandbox.authority import Authority
from sandbox.body import BadBody, phone, read
from sandbox.faults import Faults
from sandbox.misbehaving import misbehaving
from sandbox.mobile import PIN, Mobile, NoSuchCard

ASKED = ("phone", "subject", "challenge", "text", "reference")


def register(app: Flask, authority: Authority, faults: Faults) -> None:
    mobile = Mobile(authority)
    _authority(app, authority)
    _service(app, mobile, faults)
    _phones(app, mobile)


def _authority(app: Flask, authority: Authority) -> None:
    @app.post("/signatures")
    def sign() -> ResponseReturnValue:
        """What a token does when its owner types the PIN."""
        body = read("challenge", "card")
        if body["card"] not in authority.cards:
            raise BadBody("card", f"there is no card {body['card']}")
        return {"signature": b64encode(authority.sign(body["card"], _decoded(body["challenge"]))).decode()}

    @app.get("/cards")
    def cards() -> ResponseReturnValue:
        return {"items": list(authority.cards.values())}

    @app.get("/authority/cards.crl")
    def card_list() -> ResponseReturnValue:
        return Response(authority.card_list(), mimetype="application/pkix-crl")

    @app.get("/authority/root.crl")
    def root_list() -> ResponseReturnValue:
        return Response(authority.root_list(), mimetype="application/pkix-crl")

    @app.post("/authority/ocsp")
    def ocsp() -> ResponseReturnValue:
        try:
            answer = authority.ocsp(request.get_data())
        except ValueError:
            abort(400)
        return Response(answer, mimetype="application/ocsp-response")


def _service(app: Flask, mobile: Mobile, faults: Faults) -> None:
    """What the portal calls."""

    def ask() -> ResponseReturnValue:
        body = read(*ASKED)
        body["phone"] = phone("phone", body)
        _decoded(body["challenge"])
        try:
            return mobile.ask(**body, how=faults.mobile).as_json(), 202
        except NoSuchCard:
            abort(404, "this phone has no certificate for that number")

    def answer(id: str) -> ResponseReturnValue:
        return found.as_json() if (found := mobile.find(id)) else abort(404)

    app.add_url_rule("/mobile-signatures", "ask", misbehaving(ask, faults), methods=["POST"])
    app.add_url_rule("/mobile-signatures/<id>", "answer", misbehaving(answer, faults), methods=["GET"])


def _phones(app: Flask, mobile: Mobile) -> None:
    @app.get("/phones")
    def phones() -> str:
        """Every phone that asks for a PIN just now."""
        language = "en" if request.args.get("lang") == "en" else "vi"
        waiting = mobile.waiting()
        return render_template(
            "phones.html", language=language, words=page.words()[language], waiting=waiting, pin=PIN
        )

    @app.post("/phones/<id>")
    def type_pin(id: str) -> ResponseReturnValue:
        """From the page, or as JSON `{pin}` from a test; without a PIN the owner refuses."""
        given = request.form or read("pin")
        pin = given.get("pin", "").strip()
        found = mobile.type_pin(id, pin) if pin else mobile.refuse(id)
        if found is None:
            abort(404)
        return redirect(f"/phones?lang={request.form.get('lang', 'vi')}") if request.form else found.as_json()


def _decoded(challenge: str) -> bytes:
    try:
        return b64decode(challenge, validate=True)
    except ValueError as error:
        raise BadBody("challenge", "challenge is not base64") from error
