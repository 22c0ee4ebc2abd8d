"""What one signs in with, made up anew for each server so that no test can lean on a fixed secret.

What belongs here: the connected app and its user. What does not: checking what a client sends (sign_in.py).
"""

import secrets
from dataclasses import dataclass, field
from functools import cached_property

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@dataclass(frozen=True)
class Credentials:
    """The connected app of the organisation and the user that it may act for.

    Attributes
    ----------
    user_id : str
        Id of the integration user.
    username : str
        Its name.
    consumer_key, consumer_secret : str
        Of the connected app.
    password, security_token : str
        Of the user.
    refresh_token : str
        Granted once in a browser; rotation may have replaced it.
    """

    user_id: str
    username: str = "integration@acme.example"
    consumer_key: str = field(default_factory=lambda: "3MVG9" + secrets.token_hex(20))
    consumer_secret: str = field(default_factory=lambda: secrets.token_hex(32).upper(), repr=False)
    # XML and form encoding are to be got right by clients.
    password: str = field(default_factory=lambda: "p&<w " + secrets.token_hex(8), repr=False)
    security_token: str = field(default_factory=lambda: secrets.token_hex(12), repr=False)
    refresh_token: str = field(default_factory=lambda: "5Aep861" + secrets.token_hex(24), repr=False)

    @cached_property
    def _key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @cached_property
    def private_key_pem(self) -> str:
        """The private key of the connected app's certificate, in PEM form."""
        return self._key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @cached_property
    def public_key_pem(self) -> str:
        """The key that the organisation has of that certificate, in PEM form."""
        return (
            self._key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )
