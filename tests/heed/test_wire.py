"""How clients reach the service: by TLS of its own, or by a proxy whose word about them is taken."""

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from access.limits import BY_ADDRESS
from heed.serving import PLAIN, Wire
from tests.served import Served, a_served


def a_certificate(folder: Path) -> Wire:
    """For this machine, by itself, for a day."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "heed")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    certificate, key_file = folder / "heed.crt", folder / "heed.key"
    certificate.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return Wire(certificate=certificate, key=key_file)


def test_with_a_certificate_it_speaks_tls_and_nothing_else(sqlite_files: Any, tmp_path: Path) -> None:
    wire = a_certificate(tmp_path)
    trusting = ssl.create_default_context(cafile=str(wire.certificate))
    with sqlite_files.fresh() as url, a_served(url, wire=wire) as served:
        port = served.base_url.rpartition(":")[2]
        with httpx2.Client(base_url=f"https://127.0.0.1:{port}", verify=trusting) as client:
            assert client.get("/healthz").json() == {"status": "up"}
        with httpx2.Client(base_url=served.base_url) as client, pytest.raises(httpx2.TransportError):
            client.get("/healthz")


def tried_from(served: Served, address: str, number: int) -> int:
    answer = served.client.post(
        "/sign-in", data={"name": f"{address}/{number}", "password": "no"},
        headers={"X-Forwarded-For": address, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"},
    )  # fmt: skip
    return answer.status_code


@pytest.mark.parametrize(("wire", "is_believed"), [(Wire(proxies=("127.0.0.0/8",)), True), (PLAIN, False)])
def test_a_proxys_word_about_a_client_is_taken_and_nobody_elses(
    sqlite_files: Any, wire: Wire, *, is_believed: bool
) -> None:
    with sqlite_files.fresh() as url, a_served(url, wire=wire) as served:
        statuses = [tried_from(served, "198.51.100.7", number) for number in range(BY_ADDRESS.burst + 1)]
        assert statuses == [401] * BY_ADDRESS.burst + [429]
        assert tried_from(served, "198.51.100.8", 0) == (401 if is_believed else 429)
