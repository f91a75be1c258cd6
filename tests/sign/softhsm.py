"""A token in software (SoftHSM2) with somebody's key and certificate on it, put there by OpenSC."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from sandbox.authority.issuing import Holder
from tests import servers

PIN, SO_PIN = "135790", "97531097"


@dataclass
class SoftToken:
    folder: Path
    label: str = "thẻ của An"

    def __post_init__(self) -> None:
        self.module = servers.token_module()
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "tokens").mkdir()
        (self.folder / "softhsm2.conf").write_text(f"directories.tokendir = {self.folder / 'tokens'}\n")
        (self.folder / "pin").write_text(f"{PIN}\n")
        self._run(
            "softhsm2-util", "--init-token", "--free", "--label", self.label, "--pin", PIN, "--so-pin", SO_PIN
        )

    @property
    def environment(self) -> dict[str, str]:
        return os.environ | {"SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}

    def put(self, holder: Holder, id: str = "01", label: str = "An") -> None:
        key = holder.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._write("privkey", key, id, label)
        self.put_certificate(holder.certificate, id, label)

    def put_certificate(self, certificate: x509.Certificate, id: str, label: str) -> None:
        self._write("cert", certificate.public_bytes(Encoding.DER), id, label)

    def sign(self, *arguments: str, pin: Path | None = None) -> subprocess.CompletedProcess[str]:
        """By motcua-sign, a program of its own."""
        line = [sys.executable, "-m", "motcua_sign.cli", "--module", self.module]
        line += ["--pin-file", str(pin or self.folder / "pin"), *arguments]
        found = self.environment | {"PYTHONPATH": "sdk/sign"}
        return subprocess.run(line, env=found, capture_output=True, text=True, check=False, timeout=60)

    def _write(self, kind: str, der: bytes, id: str, label: str) -> None:
        file = self.folder / f"{kind}.der"
        file.write_bytes(der)
        where = ("--module", self.module, "--token-label", self.label, "--login", "--pin", PIN)
        what = ("--write-object", str(file), "--type", kind, "--id", id, "--label", label)
        self._run("pkcs11-tool", *where, *what)

    def _run(self, *line: str) -> None:
        subprocess.run(line, env=self.environment, capture_output=True, check=True, timeout=60)
