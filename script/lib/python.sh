# shellcheck shell=bash
# One virtual environment for all checkouts, with pinned versions.

REQUIREMENTS=("$CHECKOUT"/script/requirements{,-dev}.txt)
ADDON_REQUIREMENTS=$CHECKOUT/script/requirements-odoo.txt

# Sets PYTHON, the first usable interpreter (or the one the caller names), and VENV
# with its PY: an environment of another Python version is left to those who use it.
need_interpreter() {
  local name
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.10}; do
    if "$name" -c 'import sys; sys.exit(not (3, 10) <= sys.version_info)' 2>/dev/null; then
      PYTHON=$(command -v "$name")
      VENV=$CONSTITUENT_HOME/venv
      [ "$(minor_version "$VENV/bin/python" || minor_version "$PYTHON")" = "$(minor_version "$PYTHON")" ] \
        || VENV+=-$(minor_version "$PYTHON")
      PY=$VENV/bin/python
      return
    fi
  done
  die "no Python from 3.10 on found${PYTHON:+ at $PYTHON}; name one in PYTHON"
}

minor_version() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

# Builds or completes the environment when what it is made from has changed.
need_python() {
  local stamp
  stamp=$(venv_stamp)
  [ "$(cat "$VENV/.constituent-stamp" 2>/dev/null)" = "$stamp" ] && [ -x "$PY" ] && return
  locked python build_venv "$stamp"
}

venv_stamp() {
  { minor_version "$PYTHON" && cat "${REQUIREMENTS[@]}" "$ADDON_REQUIREMENTS" "$CHECKOUT/script/constraints.txt"; } | sha256sum
}

build_venv() {
  [ "$(cat "$VENV/.constituent-stamp" 2>/dev/null)" != "$1" ] || return 0 # somebody else just did
  "$PYTHON" -c 'import ensurepip' 2>/dev/null \
    || need_packages "a virtual environment needs Python's venv module" python3-venv
  rm -f "$VENV/.constituent-stamp"
  if ! "$PY" -c 'import pip' 2>/dev/null; then
    step "Python: making a virtual environment with $("$PYTHON" -V)" "$PYTHON" -m venv --clear "$VENV"
  fi
  STEP_FOLDER=$VENV/lib step "Python: installing the libraries (about 250 MB to download the first time)" \
    "$PY" -m pip --disable-pip-version-check --no-input install -q --prefer-binary \
    -r "${REQUIREMENTS[0]}" -r "${REQUIREMENTS[1]}" -c "$CHECKOUT/script/constraints.txt"
  # Addons of the OCA require a distribution called odoo, which nobody publishes.
  ! grep -q '^[a-z]' "$ADDON_REQUIREMENTS" \
    || step "Python: installing other people's Odoo addons" \
      "$PY" -m pip --disable-pip-version-check --no-input install -q --no-deps -r "$ADDON_REQUIREMENTS"
  printf '%s\n' "$1" >"$VENV/.constituent-stamp"
}
