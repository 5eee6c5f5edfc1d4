#!/usr/bin/env bash
# Sets up .venv from the locked, hashed requirements; `make setup` calls it. A second run is instant.
#
# System packages: prints the one line that is missing and asks before it installs. YES=1 does not ask. Without a
# terminal nothing asks: root installs, anyone else is told the line and goes on without. Only python3-venv is needed;
# the others are WeasyPrint's, and without them everything but PDFs works.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

python=${PYTHON:-python3}
yes=${YES:-}
venv=.venv
stamp=$venv/.daylight-setup
level=test
[ "${1:-}" = --dev ] && level=dev

say() { printf '%s\n' "$*" >&2; }
stop() { say "setup: $*"; exit 1; }

command -v "$python" >/dev/null || stop "no $python here. On Debian 12: apt-get install python3 python3-venv"
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  stop "$("$python" --version) is too old, 3.11 or newer is needed. Name another with: make PYTHON=/path/to/python3.11 ..."

# What is missing, by asking the things themselves, so that it is right on other systems too.
missing_packages() {
  "$python" - <<'PY'
import ctypes
import importlib.util
from pathlib import Path

if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
    print("python3-venv")
for package, library in (
    ("libpango-1.0-0", "libpango-1.0.so.0"),
    ("libpangoft2-1.0-0", "libpangoft2-1.0.so.0"),
    ("libharfbuzz-subset0", "libharfbuzz-subset.so.0"),
):
    try:
        ctypes.CDLL(library)
    except OSError:
        print(package)
folders = [Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".fonts", Path.home() / ".local/share/fonts"]
if not any(True for folder in folders for _ in folder.rglob("DejaVuSans.ttf")):
    print("fonts-dejavu-core")
PY
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  as_root apt-get update -qq >/dev/null &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
}

want_packages() {
  local line="apt-get install -y $*" answer
  [ "$(id -u)" = 0 ] || line="sudo $line"
  say "System packages that are missing: $*"
  say "  $line"
  if ! command -v apt-get >/dev/null; then
    say "This is no Debian: install what they hold by your system's own means. Going on without."
  elif [ -n "$yes" ] && [ "$yes" != 0 ]; then
    install_packages "$@" || say "They could not be installed. Going on without."
  elif [ -t 0 ] && [ -t 2 ]; then
    read -r -p "Install them now? [y/N] " answer || answer=
    case $answer in
      [yY]*) install_packages "$@" || say "They could not be installed. Going on without." ;;
      *) say "Going on without." ;;
    esac
  elif [ "$(id -u)" = 0 ]; then
    install_packages "$@" || say "They could not be installed. Going on without."
  else
    say "No terminal to ask on: going on without."
  fi
}

# The stamp says from what the environment was made: place, Python, locks and the project's own metadata.
fingerprint() {
  {
    pwd -P
    "$python" -c 'import sys; print(sys.version, sys.executable)'
    cat requirements.lock pyproject.toml
    if [ "$1" = dev ]; then cat requirements-dev.lock; fi
  } | "$python" -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}

fresh() { [ -x $venv/bin/python ] && [ "$(cat "$stamp-$1" 2>/dev/null)" = "$(fingerprint "$1")" ]; }

if fresh test && { [ $level = test ] || fresh dev; }; then
  if [ -z "$yes" ] || [ "$yes" = 0 ]; then exit 0; fi
fi

missing=$(missing_packages | tr '\n' ' ')
missing=${missing% }
if [ -n "$missing" ]; then
  # shellcheck disable=SC2086 # one argument a package
  want_packages $missing
  missing=$(missing_packages | tr '\n' ' ')
  missing=${missing% }
  case " $missing " in
    *" python3-venv "*) stop "python3-venv is needed to go on: apt-get install python3-venv" ;;
    "  ") ;;
    *) say "Without $missing there are no PDFs; everything else works." ;;
  esac
fi

if fresh test && { [ $level = test ] || fresh dev; }; then exit 0; fi

pip_install() {
  $venv/bin/python -m pip install -qq --disable-pip-version-check --no-input "$@"
}

# The locks name everything, so nothing is left to resolve: pip's resolver would look for the newest release of a package
# that another asks for with an extra, and refuse that release for want of a hash.
locked=(--require-hashes --only-binary :all: --no-deps)

if ! fresh test; then
  rm -f "$stamp"-*
  if ! $venv/bin/python -c 'import pip' 2>/dev/null; then
    say "Making $venv"
    rm -rf $venv
    "$python" -m venv $venv
  fi
  say "Installing $(grep -c '==' requirements.lock) locked packages (about half a minute)"
  pip_install "${locked[@]}" -r requirements.lock
  # editable_mode=compat: the folder itself is on the path, so that a new package needs no new set-up.
  pip_install --no-deps --no-build-isolation --config-settings editable_mode=compat --editable .
  $venv/bin/python -m pip check --disable-pip-version-check >&2 || stop "the locked packages do not fit together"
  fingerprint test >"$stamp-test"
fi
if [ $level = dev ]; then
  say "Installing the tools for lint, types and bench"
  pip_install "${locked[@]}" -r requirements-dev.lock
  pip_install "${locked[@]}" --ignore-requires-python -r requirements-judges.lock
  fingerprint dev >"$stamp-dev"
fi
