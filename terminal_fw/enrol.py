"""Run once on a new board: makes its signing key and lays the public half beside it.

`sign.key` never leaves the board; `sign.pub` goes to the controller. Run again it changes nothing
and writes the same public half.
"""

from protocol import ed25519
from terminal_fw.drivers.secret_store import SecretStore

_store = SecretStore()
_seed = _store.seed() if _store.is_enrolled() else _store.make_seed()
_public = ed25519.public_key(_seed)
_store.write_public(_public)
print("public key", _public.hex())
