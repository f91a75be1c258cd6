"""Signatures that must not pass, each for its own reason, and those of different signers that must."""

import hashlib
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.asn1 import SetOf
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256, SHA512
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from flask import Response

from sandbox.authority import answering, issuing
from sandbox.authority.issuing import Addresses, Holder
from services.identity.adapters.certificates.cms import SIGNING_CERTIFICATE_V2
from services.identity.adapters.certificates.syntax import EssCertificate, SigningCertificateV2
from tests.security.authorities import AN, CHALLENGE, DETACHED, World, key_pem, pem, sign, started
from tests.security.crafting import (
    CONTENT_TYPE,
    MESSAGE_DIGEST,
    attribute,
    changed,
    good_attributes,
    indefinite,
    long_length,
    oid,
    tlv,
    with_attributes,
)
from vocabulary.refusals import Refusal

NOW = datetime.now(UTC)
Make = Callable[[World], bytes]
BAD: dict[str, tuple[str, Make]] = {}
TRUNCATED = 12


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with started(tmp_path_factory.mktemp("trusted")) as world:
        yield world


@pytest.fixture
def world(place: World) -> World:
    place.says, place.asked = {}, []
    place.revoked, place.issued = set(), []
    return place


def bad(code: str) -> Callable[[Make], Make]:
    """What the function makes must be refused with this code; its name says why."""

    def add(make: Make) -> Make:
        BAD[make.__name__.replace("_", " ")] = (code, make)
        return make

    return add


def good(world: World, card: Holder | None = None, **changes: Any) -> bytes:
    return sign(card or world.card(), others=(world.issuer.certificate,), **changes)


def by_openssl(world: World, card: Holder, options: str, challenge: bytes = CHALLENGE) -> bytes:
    folder = world.folder.parent
    (folder / "card.pem").write_bytes(pem(card.certificate) + key_pem(card))
    (folder / "between.pem").write_bytes(pem(world.issuer.certificate))
    (folder / "challenge").write_bytes(challenge)
    line = f"cms -sign -binary -in challenge -signer card.pem -certfile between.pem -outform DER {options}"
    return subprocess.run(["openssl", *line.split()], cwd=folder, capture_output=True, check=True).stdout


# What is no detached signature by one signer in DER


@bad("signature-unreadable")
def nothing(world: World) -> bytes:
    return b""


@bad("signature-unreadable")
def a_certificate(world: World) -> bytes:
    return world.card().certificate.public_bytes(Encoding.DER)


@bad("signature-unreadable")
def one_byte_more(world: World) -> bytes:
    return good(world) + b"\x00"


@bad("signature-unreadable")
def reencoded_with_indefinite_length(world: World) -> bytes:
    return indefinite(good(world))


@bad("signature-unreadable")
def reencoded_with_a_longer_length(world: World) -> bytes:
    return long_length(good(world))


@bad("signature-unreadable")
def streamed_in_ber_by_openssl(world: World) -> bytes:
    return by_openssl(world, world.card(), "-stream")


@bad("signature-unreadable")
def attached_content(world: World) -> bytes:
    return good(world, options=[PKCS7Options.Binary, PKCS7Options.NoCapabilities])


@bad("signature-unreadable")
def attached_content_of_another_challenge(world: World) -> bytes:
    return by_openssl(world, world.card(), "-nodetach", b"another")


@bad("signature-unreadable")
def no_signed_attributes(world: World) -> bytes:
    return good(world, options=[*DETACHED[:2], PKCS7Options.NoAttributes])


@bad("signature-unreadable")
def two_signers(world: World) -> bytes:
    builder = PKCS7SignatureBuilder().set_data(CHALLENGE)
    for card in (world.card(), world.card("CCCD:092088000052")):
        builder = builder.add_signer(card.certificate, card.key, SHA256())
    return builder.add_certificate(world.issuer.certificate).sign(Encoding.DER, DETACHED)


@bad("signature-unreadable")
def no_signer(world: World) -> bytes:
    return changed(good(world), lambda whole, _: setattr(whole.content, "signer_infos", SetOf([])))


@bad("signature-unreadable")
def no_certificate(world: World) -> bytes:
    return by_openssl(world, world.card(), "-nocerts")


@bad("signature-unreadable")
def another_content_type_around(world: World) -> bytes:
    enveloped = oid("1.2.840.113549.1.7.3")
    return changed(good(world), lambda whole, _: setattr(whole, "content_type", enveloped))


@bad("signature-unreadable")
def another_content_type_inside(world: World) -> bytes:
    receipt = oid("1.2.840.113549.1.9.16.1.1")
    return changed(good(world), lambda whole, _: setattr(whole.content.encapsulated, "content_type", receipt))


@bad("signature-unreadable")
def a_version_that_does_not_fit(world: World) -> bytes:
    return changed(good(world), lambda _, signer: setattr(signer, "version", 3))


@bad("signature-unreadable")
def larger_than_any(world: World) -> bytes:
    filler = attribute("1.2.3.4", b"x" * 70_000)
    return with_attributes(world.card(), [*good_attributes(), filler], others=(world.issuer.certificate,))


# Attributes


@bad("signature-unreadable")
def no_message_digest(world: World) -> bytes:
    return with_attributes(world.card(), good_attributes()[:1])


@bad("signature-unreadable")
def no_content_type(world: World) -> bytes:
    return with_attributes(world.card(), good_attributes()[1:])


@bad("signature-unreadable")
def a_content_type_of_something_else(world: World) -> bytes:
    other = attribute(CONTENT_TYPE, oid("1.2.840.113549.1.7.2"))
    return with_attributes(world.card(), [other, good_attributes()[1]])


@bad("signature-unreadable")
def two_message_digests(world: World) -> bytes:
    again = attribute(MESSAGE_DIGEST, b"0" * 32)
    return with_attributes(world.card(), [*good_attributes(), again])


@bad("signature-unreadable")
def a_message_digest_of_two_values(world: World) -> bytes:
    both = attribute(MESSAGE_DIGEST, b"0" * 32, b"1" * 32)
    return with_attributes(world.card(), [good_attributes()[0], both])


@bad("signature-wrong")
def an_attribute_added_after_signing(world: World) -> bytes:
    def add(_: Any, signer: Any) -> None:
        signer.signed_attributes = SetOf([*signer.signed_attributes.as_list(), attribute("1.2.3.4", b"x")])

    return changed(good(world), add)


@bad("signature-wrong")
def attributes_of_another_signature(world: World) -> bytes:
    card = world.card()
    donor = good(world, card, challenge=b"another")

    def take(_: Any, signer: Any) -> None:
        signer.signed_attributes = SetOf(good_attributes())

    return changed(donor, take)


@bad("signature-wrong")
def named_by_the_signer_as_made_with_another_certificate(world: World) -> bytes:
    named = EssCertificate(hash_algorithm=None, hash=b"0" * 32, issuer_serial=None)
    other = SigningCertificateV2(certificates=[named], policies=None)
    return with_attributes(
        world.card(),
        [*good_attributes(), attribute(SIGNING_CERTIFICATE_V2, other)],
        others=(world.issuer.certificate,),
    )


# The signature itself


@bad("signature-wrong")
def another_key(world: World) -> bytes:
    return good(world, replace(world.card(), key=issuing.new_key()))


@bad("signature-wrong")
def another_rsa_key(world: World) -> bytes:
    return good(world, replace(world.card(kind="rsa"), key=issuing.new_key("rsa")))


@bad("signature-wrong")
def another_challenge(world: World) -> bytes:
    return good(world, challenge=b"another")


@bad("signature-wrong")
def the_challenge_and_a_line_end(world: World) -> bytes:
    return good(world, challenge=CHALLENGE + b"\n")


@bad("signature-wrong")
def the_challenge_in_base64(world: World) -> bytes:
    return good(world, challenge=b"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=")


@bad("signature-wrong")
def an_empty_signature(world: World) -> bytes:
    return changed(good(world), lambda _, signer: setattr(signer, "signature", b""))


@bad("signature-wrong")
def one_bit_of_the_signature(world: World) -> bytes:
    def flip(_: Any, signer: Any) -> None:
        signer.signature = signer.signature[:-1] + bytes([signer.signature[-1] ^ 1])

    return changed(good(world), flip)


@bad("signature-wrong")
def the_certificate_of_another_card_with_the_same_name(world: World) -> bytes:
    mine, other = world.card(), world.card()

    def swap(whole: Any, signer: Any) -> None:
        whole.content.certificates = SetOf([other.certificate])
        signer.sid.serial_number = other.certificate.serial_number

    return changed(sign(mine), swap)


# Algorithms


@bad("signature-algorithm")
def sha1_by_openssl(world: World) -> bytes:
    return by_openssl(world, world.card(), "-md sha1")


@bad("signature-algorithm")
def a_digest_that_is_not_the_signatures(world: World) -> bytes:
    def change(whole: Any, signer: Any) -> None:
        whole.content.digest_algorithms = SetOf([[tlv(oid("2.16.840.1.101.3.4.2.3"))]])
        signer.digest_algorithm = [tlv(oid("2.16.840.1.101.3.4.2.3"))]
        signer.signed_attributes = SetOf(
            [good_attributes()[0], attribute(MESSAGE_DIGEST, _sha512(CHALLENGE))]
        )

    return changed(good(world), change)


@bad("signature-algorithm")
def an_rsa_key_called_ecdsa(world: World) -> bytes:
    ecdsa = [tlv(oid("1.2.840.10045.4.3.2"))]
    return changed(
        good(world, world.card(kind="rsa")), lambda _, signer: setattr(signer, "signature_algorithm", ecdsa)
    )


@bad("signature-algorithm")
def an_elliptic_key_called_rsa(world: World) -> bytes:
    rsa_name = [tlv(oid("1.2.840.113549.1.1.11"))]
    return changed(good(world), lambda _, signer: setattr(signer, "signature_algorithm", rsa_name))


@bad("signature-algorithm")
def pss_without_parameters(world: World) -> bytes:
    pss = [tlv(oid("1.2.840.113549.1.1.10"))]
    return changed(
        good(world, world.card(kind="rsa")), lambda _, signer: setattr(signer, "signature_algorithm", pss)
    )


@bad("signature-algorithm")
def a_short_rsa_key(world: World) -> bytes:
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 - it must be refused
    return good(world, _card_with(world, short))


@bad("signature-algorithm")
def an_unusual_curve(world: World) -> bytes:
    return good(world, _card_with(world, ec.generate_private_key(ec.SECP256K1())))


def _card_with(world: World, key: Any) -> Holder:
    made = issuing.card(world.issuer, issuing.name("An", f"CCCD:{AN}"), key, world.both)
    world.issued.append(made.certificate)
    return made


def _sha512(data: bytes) -> bytes:
    return hashlib.sha512(data).digest()


# Certificates


@bad("certificate-expired")
def an_expired_certificate(world: World) -> bytes:
    return good(world, world.card(start=NOW - timedelta(days=400)))


@bad("certificate-not-yet-valid")
def a_certificate_of_next_month(world: World) -> bytes:
    return good(world, world.card(start=NOW + timedelta(days=30)))


@bad("certificate-untrusted")
def an_authority_that_nobody_knows(world: World) -> bytes:
    foreign = issuing.root("Foreign CA", issuing.new_key())
    return sign(world.card(by=foreign), others=(foreign.certificate,))


@bad("certificate-untrusted")
def an_authority_with_the_name_of_ours(world: World) -> bytes:
    root = issuing.root("Test Root", issuing.new_key())
    fake = issuing.authority(root, "Test CA", issuing.new_key(), Addresses(None))
    return sign(world.card(by=fake), others=(fake.certificate, root.certificate))


@bad("certificate-untrusted")
def a_certificate_signed_by_itself(world: World) -> bytes:
    key = issuing.new_key()
    own = issuing.root("An", key)
    return sign(issuing.card(own, issuing.name("An", f"CCCD:{AN}"), key, world.both))


@bad("certificate-untrusted")
def an_authority_between_that_is_missing(world: World) -> bytes:
    return sign(world.card())


@bad("certificate-untrusted")
def a_persons_card_playing_the_authority(world: World) -> bytes:
    plays = world.card(usage=issuing.SIGNS_CERTIFICATES)
    return sign(world.card(by=plays), others=(plays.certificate, world.issuer.certificate))


@bad("certificate-untrusted")
def an_authority_below_one_that_may_have_none(world: World) -> bytes:
    below = issuing.authority(world.issuer, "Below", issuing.new_key(), world.both)
    world.issued.append(below.certificate)
    return sign(world.card(by=below), others=(below.certificate, world.issuer.certificate))


@bad("certificate-untrusted")
def a_critical_extension_that_nobody_understands(world: World) -> bytes:
    key = issuing.new_key()
    begun = issuing.begun(
        issuing.name("An", f"CCCD:{AN}"), world.issuer.certificate.subject, key, world.issuer.key
    )
    strange = x509.UnrecognizedExtension(oid("1.2.3.4.5"), b"\x05\x00")
    made = begun.add_extension(issuing.SIGNS, critical=True).add_extension(strange, critical=True)
    return good(world, Holder(key, made.sign(world.issuer.key, SHA256())))


@bad("certificate-usage")
def a_certificate_for_encrypting(world: World) -> bytes:
    return good(world, world.card(usage=issuing.ENCRYPTS))


@bad("certificate-usage")
def a_certificate_for_servers(world: World) -> bytes:
    return good(world, world.card(purposes=[ExtendedKeyUsageOID.SERVER_AUTH]))


@bad("certificate-usage")
def a_certificate_for_time_stamps(world: World) -> bytes:
    return good(world, world.card(purposes=[ExtendedKeyUsageOID.TIME_STAMPING]))


@bad("certificate-usage")
def the_authority_itself(world: World) -> bytes:
    return sign(world.issuer)


# Whose it is


@bad("certificate-of-another")
def another_persons_card(world: World) -> bytes:
    return good(world, world.card("CCCD:092088000052"))


@bad("certificate-of-another")
def a_card_without_a_number(world: World) -> bytes:
    return good(world, world.card(""))


@bad("certificate-of-another")
def the_number_without_its_word(world: World) -> bytes:
    return good(world, world.card(AN))


@bad("certificate-of-another")
def the_number_with_one_digit_more(world: World) -> bytes:
    return good(world, world.card(f"CCCD:{AN}0"))


@bad("certificate-of-another")
def a_businesss_card_with_the_same_digits(world: World) -> bytes:
    return good(world, world.card(f"MST:{AN}"))


@bad("certificate-of-another")
def the_number_in_the_common_name_only(world: World) -> bytes:
    name = issuing.name(f"CCCD:{AN}")
    made = issuing.card(world.issuer, name, issuing.new_key(), world.both)
    return good(world, made)


@bad("certificate-of-another")
def two_numbers_of_two_people(world: World) -> bytes:
    both = [*issuing.name("An", f"CCCD:{AN}"), *issuing.name("x", "CCCD:092088000052")]
    made = issuing.card(world.issuer, x509.Name(both), issuing.new_key(), world.both)
    return good(world, made)


# Revocation


@bad("certificate-revoked")
def revoked_says_ocsp(world: World) -> bytes:
    card = world.card()
    world.revoked.add(card.certificate.serial_number)
    world.says["cards.crl"] = 500
    return good(world, card)


@bad("certificate-revoked")
def revoked_says_the_list(world: World) -> bytes:
    card = world.card()
    world.revoked.add(card.certificate.serial_number)
    world.says["ocsp"] = 500
    return good(world, card)


@bad("certificate-revoked")
def an_authority_between_that_is_revoked(world: World) -> bytes:
    world.revoked.add(world.issuer.certificate.serial_number)
    return good(world)


@bad("revocation-unknown")
def nobody_answers(world: World) -> bytes:
    world.says |= {"ocsp": 503, "cards.crl": 503}
    return good(world)


@bad("revocation-unknown")
def a_certificate_that_does_not_say_whom_to_ask(world: World) -> bytes:
    return good(world, world.card(addresses=Addresses(None)))


@bad("revocation-unknown")
def an_address_that_is_a_file(world: World) -> bytes:
    return good(world, world.card(addresses=Addresses("file:///etc/passwd")))


@bad("revocation-unknown")
def answers_that_are_web_pages(world: World) -> bytes:
    world.says |= {"ocsp": b"<html>", "cards.crl": b"<html>"}
    return good(world)


@bad("revocation-unknown")
def answers_that_are_elsewhere(world: World) -> bytes:
    def elsewhere() -> Response:
        return Response(status=302, headers={"Location": f"{world.url}/root.crl"})

    world.says |= {"ocsp": elsewhere, "cards.crl": elsewhere}
    return good(world)


def _only_ocsp(world: World, **answer: Any) -> bytes:
    world.says |= {"answer": answer, "cards.crl": 503}
    return good(world)


@bad("revocation-unknown")
def an_answer_to_another_question(world: World) -> bytes:
    return _only_ocsp(world, nonce=b"0" * 32)


@bad("revocation-unknown")
def an_answer_of_yesterday(world: World) -> bytes:
    return _only_ocsp(world, at=NOW - timedelta(days=1))


@bad("revocation-unknown")
def an_answer_of_tomorrow(world: World) -> bytes:
    return _only_ocsp(world, at=NOW + timedelta(days=1))


@bad("revocation-unknown")
def an_answer_signed_by_a_card(world: World) -> bytes:
    return _only_ocsp(world, responder=world.card())


@bad("revocation-unknown")
def an_answer_signed_by_a_responder_of_somebody_else(world: World) -> bytes:
    foreign = issuing.root("Test CA", issuing.new_key())
    return _only_ocsp(world, responder=issuing.responder(foreign, "OCSP", issuing.new_key()))


@bad("revocation-unknown")
def an_answer_about_another_certificate(world: World) -> bytes:
    other = world.card()
    world.says |= {"cards.crl": 503}
    card = world.card()

    def answer() -> Response:
        named = (other.certificate, world.issuer.certificate, SHA1())  # noqa: S303 - it names the issuer
        asked = ocsp.OCSPRequestBuilder().add_certificate(*named)
        request = asked.build().public_bytes(Encoding.DER)
        return Response(
            answering.ocsp_answer(request, world.issuer, world.responder, [other.certificate], [])
        )

    world.says["ocsp"] = answer
    return good(world, card)


def _only_list(world: World, crl: bytes | Callable[[], Response]) -> bytes:
    world.says |= {"ocsp": 503, "cards.crl": crl}
    return good(world)


@bad("revocation-unknown")
def a_list_of_last_week(world: World) -> bytes:
    return _only_list(world, answering.crl(world.issuer, [], at=NOW - timedelta(days=7)))


@bad("revocation-unknown")
def a_list_signed_by_somebody_else(world: World) -> bytes:
    return _only_list(world, answering.crl(issuing.root("Test CA", issuing.new_key()), []))


@bad("revocation-unknown")
def a_list_of_another_authority(world: World) -> bytes:
    return _only_list(world, answering.crl(world.root, []))


@bad("revocation-unknown")
def a_list_of_what_changed_only(world: World) -> bytes:
    delta = x509.DeltaCRLIndicator(1)
    return _only_list(world, _list_with(world, delta))


@bad("revocation-unknown")
def a_list_of_some_certificates_only(world: World) -> bytes:
    part = x509.IssuingDistributionPoint(None, None, False, True, None, False, False)
    return _only_list(world, _list_with(world, part))


def _list_with(world: World, extension: x509.ExtensionType) -> bytes:
    builder = x509.CertificateRevocationListBuilder().issuer_name(world.issuer.certificate.subject)
    builder = builder.last_update(NOW - timedelta(hours=1)).next_update(NOW + timedelta(hours=1))
    made = builder.add_extension(extension, critical=True).sign(world.issuer.key, SHA256())
    return made.public_bytes(Encoding.DER)


@bad("revocation-unknown")
def a_list_larger_than_allowed(world: World) -> bytes:
    return _only_list(world, answering.crl(world.issuer, range(1, 2000)))


@bad("revocation-unknown")
def a_list_that_comes_byte_by_byte(world: World) -> bytes:
    def slowly() -> Response:
        def drip() -> Iterator[bytes]:
            for byte in answering.crl(world.issuer, []):
                time.sleep(0.05)
                yield bytes([byte])

        return Response(drip())

    return _only_list(world, slowly)


@pytest.mark.parametrize("why", BAD)
def test_a_bad_signature_is_refused_for_its_reason(world: World, why: str) -> None:
    code, make = BAD[why]
    signature = make(world)
    with pytest.raises(Refusal) as refusal:
        world.checker().check(signature, CHALLENGE, "citizen", AN, datetime.now(UTC))
    assert refusal.value.code == code


@pytest.mark.parametrize("part", range(1, TRUNCATED + 1))
def test_a_truncated_signature_is_refused_wherever_it_ends(world: World, part: int) -> None:
    whole = good(world)
    with pytest.raises(Refusal, match="signature-unreadable"):
        world.checker().check(
            whole[: len(whole) * part // (TRUNCATED + 1)], CHALLENGE, "citizen", AN, datetime.now(UTC)
        )


GOOD: dict[str, Make] = {
    "cryptography, ECDSA": good,
    "cryptography, RSA and SHA-512": lambda world: good(world, world.card(kind="rsa"), digest=SHA512()),
    "cryptography, RSA-PSS": lambda world: good(
        world, world.card(kind="rsa"), padding=padding.PSS(padding.MGF1(SHA256()), 32)
    ),
    "openssl": lambda world: by_openssl(world, world.card(), ""),
    "openssl, RSA-PSS": lambda world: by_openssl(
        world, world.card(kind="rsa"), "-md sha384 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:48"
    ),
    "openssl, named by key": lambda world: by_openssl(world, world.card(), "-keyid"),
    "openssl, CAdES": lambda world: by_openssl(world, world.card(), "-cades -md sha256"),
    "a responder without a nonce": lambda world: _only_ocsp(world, nonce=b""),
    "by the list alone": lambda world: good(world, world.card(addresses=replace(world.both, ocsp=None))),
    "a person of a business": lambda world: good(world, _staff(world)),
}


def _staff(world: World) -> Holder:
    both = [*issuing.name("An", f"CCCD:{AN}"), *issuing.name("x", "MST:0101010011")]
    made = issuing.card(world.issuer, x509.Name(both), issuing.new_key(), world.both)
    world.issued.append(made.certificate)
    return made


@pytest.mark.parametrize("signer", GOOD)
def test_a_good_signature_of_any_signer_is_accepted(world: World, signer: str) -> None:
    signature = GOOD[signer](world)
    evidence = world.checker().check(signature, CHALLENGE, "citizen", AN, datetime.now(UTC))
    assert evidence.chain == ["Test CA", "Test Root"]
    assert evidence.signature == signature


def test_whoever_works_at_a_business_cannot_sign_as_the_business(world: World) -> None:
    with pytest.raises(Refusal, match="certificate-of-another"):
        world.checker().check(
            good(world, _staff(world)), CHALLENGE, "business", "0101010011", datetime.now(UTC)
        )
    card = world.card("MST:0101010011")
    assert world.checker().check(good(world, card), CHALLENGE, "business", "0101010011", datetime.now(UTC))


def test_the_corpus_is_as_large_as_promised(capsys: pytest.CaptureFixture[str]) -> None:
    bad, good = len(BAD) + TRUNCATED, len(GOOD)
    with capsys.disabled():
        print(f"\nCMS corpus: {bad} bad signatures, {good} good ones")
    assert (bad >= 40, good >= 5) == (True, True)
