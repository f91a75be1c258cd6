"""Access tokens as somebody would forge them who has a good one of their own, and the public key."""

import base64
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from chassis.testing import SIGNING_KEY, access_token

ANOTHER = ECKey.generate_key("P-256", {"kid": "test"})
BYSTANDER = uuid4()


def part(value: Any) -> str:
    return encoded(json.dumps(value).encode())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def read(piece: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    return found


class Forger:
    """Who has a good token of their own, and the public key."""

    def __init__(self, good: str, now: int, account: UUID) -> None:
        self.good, self.now, self.account = good, now, account
        self.head, self.body, self.signature = good.split(".")

    def all(self) -> Iterator[tuple[str, str]]:
        yield from self.changed_letters()
        yield from self.other_claims_under_the_old_signature()
        yield from self.other_algorithms()
        yield from self.other_keys()
        yield from self.stale_or_for_others()
        yield from self.no_tokens_at_all()

    def changed_letters(self) -> Iterator[tuple[str, str]]:
        chance = random.Random(7)
        for number in range(120):
            at = chance.randrange(len(self.good) - 1)
            if self.good[at] == "." or at == len(self.head) + len(self.body) or self.good[at + 1] == ".":
                continue
            other = chance.choice([c for c in "AQgwZz09-_" if c != self.good[at]])
            yield f"letter {number}", self.good[:at] + other + self.good[at + 1 :]
        for cut in range(1, 60, 4):
            yield f"cut by {cut}", self.good[:-cut]

    def other_claims_under_the_old_signature(self) -> Iterator[tuple[str, str]]:
        changes: list[dict[str, Any]] = [
            {"kind": kind} for kind in ("official", "operator", "agency", "business")
        ]
        changes += [
            {"sub": str(BYSTANDER)},
            {"acr": "high"},
            {"exp": self.now + 10**6},
            {"roles": ["administrator"]},
        ]
        for change in changes:
            yield f"claims {change}", f"{self.head}.{part(read(self.body) | change)}.{self.signature}"
        for change in (
            {"alg": "none"},
            {"alg": "HS256"},
            {"kid": "other"},
            {"crit": ["exp"]},
            {"b64": False},
        ):
            yield f"head {change}", f"{part(read(self.head) | change)}.{self.body}.{self.signature}"

    def other_algorithms(self) -> Iterator[tuple[str, str]]:
        for name in ("none", "None", "NONE", "nOnE", ""):
            for signature in ("", self.signature, "AA"):
                head = part({"alg": name, "typ": "JWT", "kid": "test"})
                yield f"alg {name!r}", f"{head}.{self.body}.{signature}"
        public = SIGNING_KEY.as_pem(private=False)
        for secret in (public, public.strip(), SIGNING_KEY.as_der(private=False), b"test", b""):
            for name in ("HS256", "HS384", "HS512"):
                said = f"{part({'alg': name, 'kid': 'test'})}.{self.body}".encode()
                mac = hmac.digest(secret, said, f"sha{name[2:]}")
                yield f"{name} {secret[:20]!r}", f"{said.decode()}.{encoded(mac)}"
        rsa = RSAKey.generate_key(2048)
        for name in ("RS256", "PS256"):
            yield name, self.signed({"alg": name}, rsa, [name])
        for curve, name in (("P-384", "ES384"), ("P-521", "ES512")):
            yield name, self.signed({"alg": name}, ECKey.generate_key(curve), [name])

    def other_keys(self) -> Iterator[tuple[str, str]]:
        mine = ANOTHER.as_dict(private=False)
        heads: list[dict[str, Any]] = [
            {},
            {"jwk": mine},
            {"jku": "http://127.0.0.1/keys"},
            {"x5u": "http://127.0.0.1"},
        ]
        for kid in ("test", "TEST", "../test", "test\x00", "' OR 1=1 --", "", None, 0, ["test"], "a" * 5000):
            for more in heads:
                head = {"alg": "ES256", "kid": kid} | more
                yield f"another key, kid {str(kid)[:20]!r} {list(more)}", self.resigned(head, read(self.body))

    def stale_or_for_others(self) -> Iterator[tuple[str, str]]:
        for seconds in (0, 6, 60, 600, 86_400, 10**8):
            yield (
                f"ended {seconds} s ago",
                self.token(iat=self.now - seconds - 600, exp=self.now - seconds - 5),
            )
        for name, values in {
            "iss": ("", "http://elsewhere", "http://127.0.0.1:8000/", None, 1),
            "aud": ("", "other", ["other"], None, "motcua2"),
            "exp": (None, "soon", "", -1, True),
            "sub": (None, "", "no-id", 7, "0" * 31),
        }.items():
            for value in values:
                yield f"{name} {value!r}", self.token(**{name: value})
        for name in ("iss", "aud", "exp", "sub", "kind", "acr"):
            claims = {k: v for k, v in read(self.body).items() if k != name}
            yield f"without {name}", jwt.encode({"alg": "ES256", "kid": "test"}, claims, SIGNING_KEY)

    def no_tokens_at_all(self) -> Iterator[tuple[str, str]]:
        for text in ("", ".", "..", "...", "null", "undefined", "{}", "a" * 20_000, "e30.e30.", "é", "%00"):
            yield f"text {text[:10]!r}", text
        yield "two signatures", f"{self.good}.{self.signature}"
        yield "nested", f"{part({'token': self.good})}.{self.body}.{self.signature}"

    def token(self, **claims: Any) -> str:
        return access_token("citizen", self.account, self.now, **claims)

    def signed(self, head: dict[str, Any], key: Any, algorithms: list[str]) -> str:
        return jwt.encode({"kid": "test"} | head, read(self.body), key, algorithms=algorithms)

    def resigned(self, head: dict[str, Any], claims: dict[str, Any]) -> str:
        """With a key of one's own; the header may say what a library would not write."""
        honest = jwt.encode({"alg": "ES256"}, claims, ANOTHER)
        said = f"{part(head)}.{honest.split('.')[1]}".encode()
        key = ANOTHER.private_key
        assert key
        r, s = decode_dss_signature(key.sign(said, ec.ECDSA(hashes.SHA256())))
        return f"{said.decode()}.{encoded(r.to_bytes(32) + s.to_bytes(32))}"
