"""Is a certificate revoked? By OCSP, else by the authority's list; when neither can say, nobody passes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

import structlog
from cryptography import x509
from cryptography.x509.oid import NameOID

from chassis.http import Away
from services.identity.adapters.certificates import crl, ocsp
from services.identity.adapters.certificates.fetching import Fetcher
from services.identity.model import certificates as refused

log = structlog.get_logger()
T = TypeVar("T")
KEPT_AT_MOST = timedelta(minutes=10)
MOST_KEPT = 500


class Revocation:
    """What authorities said is kept in this process, until it is out of date and ten minutes at most."""

    def __init__(self, fetcher: Fetcher) -> None:
        self._fetcher = fetcher
        self._kept: OrderedDict[Hashable, tuple[datetime, object]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, path: Sequence[x509.Certificate], now: datetime) -> None:
        """All but the root. Invalid `certificate-revoked`; Unavailable `revocation-unknown` names who
        cannot be asked."""
        for certificate, issuer in pairwise(path):
            try:
                revoked = self._is_revoked(certificate, issuer, now)
            except Away as away:
                authority = name_of(issuer)
                log.warning("authority cannot be asked", authority=authority, reason=str(away))
                raise refused.cannot_ask(authority) from away
            if revoked:
                raise refused.revoked()

    def _is_revoked(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
        for url in ocsp.addresses(certificate):
            try:
                return self._asked(url, certificate, issuer, now).status == "revoked"
            except Away as away:
                log.info("no answer by OCSP", authority=name_of(issuer), reason=str(away))
        return self._is_listed(certificate, issuer, now)

    def _asked(
        self, url: str, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime
    ) -> ocsp.Said:
        question = ocsp.Question(
            certificate, issuer, now, lambda one, its_issuer: self._is_listed(one, its_issuer, now)
        )

        def ask() -> tuple[ocsp.Said, datetime]:
            said = question.ask(self._fetcher, url)
            return said, said.until

        return self._remembered((url, certificate), now, ask)

    def _is_listed(self, certificate: x509.Certificate, issuer: x509.Certificate, now: datetime) -> bool:
        away = Away("the certificate does not say whom to ask")
        for url in crl.addresses(certificate):
            try:
                return crl.has(self._list(url, issuer, now), certificate)
            except Away as failed:
                away = failed
        raise away

    def _list(self, url: str, issuer: x509.Certificate, now: datetime) -> x509.CertificateRevocationList:
        def fetch() -> tuple[x509.CertificateRevocationList, datetime]:
            found = crl.fetch(self._fetcher, url, issuer, now)
            assert found.next_update_utc is not None
            return found, found.next_update_utc

        return self._remembered((url, issuer), now, fetch)

    def _remembered(self, key: Hashable, now: datetime, ask: Callable[[], tuple[T, datetime]]) -> T:
        with self._lock:
            until, kept = self._kept.get(key, (now, None))
        if now < until:
            return kept  # type: ignore[return-value]
        found, until = ask()
        with self._lock:
            self._kept[key] = (min(until, now + KEPT_AT_MOST), found)
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
        return found


def name_of(authority: x509.Certificate) -> str:
    """What people know it by."""
    names = authority.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else authority.subject.rfc4514_string()
