"""Keys and certificates of one soak run: a good hall, and three halls that a seat must refuse.

Promises: DER files for the seat, PEM files for the brokers, validity from 2020 on, as a seat has no
clock of its own. Uses nothing of the product, so that the test does not judge by what it tests.
"""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

BROKER_NAME = "controller.dobush"
EARLY = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
LATE = datetime.datetime(2090, 1, 1, tzinfo=datetime.UTC)
EXPIRED = datetime.datetime(2021, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Pair:
    """A private key with its certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def write_pem(self, folder: Path, name: str) -> None:
        """Write NAME.key and NAME.crt."""
        (folder / f"{name}.crt").write_bytes(
            self.certificate.public_bytes(serialization.Encoding.PEM)
        )
        (folder / f"{name}.key").write_bytes(_private(self.key, serialization.Encoding.PEM))

    def write_der(self, folder: Path, certificate: str, key: str) -> None:
        """Write what a seat's flash holds."""
        (folder / certificate).write_bytes(
            self.certificate.public_bytes(serialization.Encoding.DER)
        )
        (folder / key).write_bytes(_private(self.key, serialization.Encoding.DER))


class Authority:
    """A certificate authority that lives as long as the test."""

    def __init__(self, name: str = "soak authority") -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = _name(name)
        certificate = (
            _builder(subject, subject, key, LATE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pair = Pair(key, certificate)

    def server(self, dns_name: str = BROKER_NAME, not_after: datetime.datetime = LATE) -> Pair:
        """A broker's certificate."""
        names = [x509.DNSName(dns_name), x509.IPAddress(ipaddress.IPv4Address("127.0.0.1"))]
        alternative = x509.SubjectAlternativeName(names)
        return self._issue(dns_name, ExtendedKeyUsageOID.SERVER_AUTH, not_after, alternative)

    def client(self, name: str) -> Pair:
        """The certificate of a seat or of the test's own observer."""
        return self._issue(name, ExtendedKeyUsageOID.CLIENT_AUTH, LATE, None)

    def _issue(
        self,
        name: str,
        usage: x509.ObjectIdentifier,
        not_after: datetime.datetime,
        alternative: x509.SubjectAlternativeName | None,
    ) -> Pair:
        key = ec.generate_private_key(ec.SECP256R1())
        builder = _builder(_name(name), self.pair.certificate.subject, key, not_after)
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        if alternative is not None:
            builder = builder.add_extension(alternative, critical=False)
        return Pair(key, builder.sign(self.pair.key, hashes.SHA256()))


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    not_after: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(EARLY)
        .not_valid_after(not_after)
    )


def _private(key: ec.EllipticCurvePrivateKey, encoding: serialization.Encoding) -> bytes:
    return key.private_bytes(
        encoding, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
