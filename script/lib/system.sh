# shellcheck shell=bash
# What the machine itself must have: disk, ports, packages of the distribution.

FIRST_START_MB=4096 # Odoo 1.2 GB, Python 0.7 GB, PostgreSQL and databases 0.5 GB, downloads
LATER_START_MB=500

have() { command -v "$1" >/dev/null 2>&1; }

need_disk() {
  local need free
  need=$FIRST_START_MB
  [ ! -e "$VENV/.constituent-stamp" ] || need=$LATER_START_MB
  need=${CS_MIN_FREE_MB:-$need}
  free=$(df -Pm "$CONSTITUENT_HOME" | awk 'NR == 2 {print $4}')
  [ "$free" -ge "$need" ] || die "only $free MB free for $CONSTITUENT_HOME, $need MB are needed;" \
    "make room or set CONSTITUENT_HOME to a folder on a larger disk"
}

# need_port PORT: free on 127.0.0.1? Asked before anything is fetched.
need_port() {
  local rc=0
  "$PYTHON" -c 'import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
try:
    s.bind(("127.0.0.1", int(sys.argv[1])))
except PermissionError:
    sys.exit(4)
except OSError:
    sys.exit(3)' "$1" || rc=$?
  case $rc in
    0) ;;
    3) die "port $1 is in use on 127.0.0.1; choose another with --port" ;;
    *) die "port $1 cannot be opened by this user; choose one above 1023 with --port" ;;
  esac
}

# need_packages WHY PACKAGE…: with apt as root, otherwise say what to type.
need_packages() {
  local why=$1
  shift
  if [ "$(id -u)" = 0 ] && have apt-get; then
    step "Installing $* (Debian packages; $why)" apt_install "$@"
  else
    die "$why: install the packages first: sudo apt-get install $*"
  fi
}

# Lists are fetched only where the present ones do not do.
apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get install -y -q --no-install-recommends "$@" && return
  apt-get update -q && apt-get install -y -q --no-install-recommends "$@"
}

# The shared libraries WeasyPrint loads; Odoo starts without them and then fails
# on the first letter.
need_print_libraries() {
  local probe='import ctypes
for name in "gobject-2.0", "pango-1.0", "pangoft2-1.0", "harfbuzz":
    ctypes.CDLL(f"lib{name}.so.0")
ctypes.CDLL("libfontconfig.so.1")'
  "$PYTHON" -c "$probe" 2>/dev/null && return
  need_packages "letters are printed by WeasyPrint, which needs Pango" libpango-1.0-0 libpangoft2-1.0-0
  "$PYTHON" -c "$probe" || die "WeasyPrint's system libraries are still missing"
}

# With it WeasyPrint takes a third of the time for a letter. Not everywhere, and nothing
# depends on it: old distributions have none.
want_font_subsetter() {
  local probe='import ctypes; ctypes.CDLL("libharfbuzz-subset.so.0")'
  local package=libharfbuzz-subset0
  "$PYTHON" -c "$probe" 2>/dev/null && return
  if [ "$(id -u)" = 0 ] && have apt-get; then
    say "Installing $package (Debian package; letters are printed in a third of the time)"
    apt_install "$package" >"$CONSTITUENT_HOME/log/$package" 2>&1 </dev/null || true
  fi
  "$PYTHON" -c "$probe" 2>/dev/null \
    || say "letters take three times as long without HarfBuzz-Subset (apt: $package)"
}

# The names Odoo's own test browser looks for.
need_browser() {
  local name
  for name in google-chrome chromium chromium-browser google-chrome-stable; do
    ! have "$name" || return 0
  done
  need_packages "browser tests need Chromium" chromium
}
