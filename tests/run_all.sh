#!/bin/sh
# Runs every test. What needs a program that this machine lacks is skipped, loudly and by name.
set -eu
python=${PYTHON:-python3}

missing() { echo "NOTE: $1 is not installed, so $2. On Debian: sudo apt install $3"; }
command -v chromium >/dev/null || missing chromium "no page is tested in a real browser" chromium
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] ||
  missing mosquitto "the broker's contract is tested on NATS alone" mosquitto
"$python" -c 'import shutil, sys, os
path = os.path.dirname(sys.executable) + os.pathsep + os.environ.get("PATH", "")
sys.exit(shutil.which("micropython", path=path) is None)' ||
  missing micropython "no firmware runs under its real interpreter" micropython

echo "== parts, properties, both interpreters, brokers, crashes"
"$python" -m pytest tests -m "not hall and not browser" -n 2 -q
echo "== whole halls with real seats"
"$python" -m pytest tests -m hall -q
echo "== pages in a real browser"
"$python" -m pytest tests -m browser -n 2 --dist loadfile -q
