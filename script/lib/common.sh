# shellcheck shell=bash
# Sourced first by every script: where things are, how to speak, how to stop.
# All that is fetched or made lies under CONSTITUENT_HOME, never in the checkout:
# Odoo's translation export and the packaging both walk the addon's folder.
set -euo pipefail
umask 022

ADDON=constituent_services
CHECKOUT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
LIB=$CHECKOUT/script/lib
SCRIPT=${0##*/}

say() { printf '[%s] %s\n' "$SCRIPT" "$*" >&2; }
die() {
  say "error: $*"
  exit 1
}

# Root gets a home outside its own: the embedded PostgreSQL runs as a system user
# and would open every parent folder for reading.
default_home() {
  if [ "$(id -u)" = 0 ]; then
    echo "/var/cache/$ADDON"
  else
    echo "${XDG_CACHE_HOME:-${HOME:?}/.cache}/$ADDON"
  fi
}

CONSTITUENT_HOME=${CONSTITUENT_HOME:-$(default_home)}
mkdir -p "$CONSTITUENT_HOME"/{lock,log,run} 2>/dev/null \
  || die "cannot write to $CONSTITUENT_HOME; set CONSTITUENT_HOME to a folder that you own"
CONSTITUENT_HOME=$(cd "$CONSTITUENT_HOME" && pwd -P)
export CONSTITUENT_HOME

# Several checkouts share Odoo, Python and PostgreSQL; what belongs to this one
# carries its key. A checkout may be called anything: Odoo sees it through a link
# that has the addon's name.
KEY=$(printf %s "$CHECKOUT" | sha256sum | cut -c1-10)
LINKS=$CONSTITUENT_HOME/addons-$KEY
LINK=$LINKS/$ADDON
CONF=$CONSTITUENT_HOME/$KEY.conf

# Nothing of the caller's Odoo or Python settings may leak in. Compiled files go
# to one cache outside the checkout (without one every start costs seconds more).
unset PGDATABASE PYTHONPATH PYTHONHOME ODOO_RC OPENERP_SERVER PYTHONDONTWRITEBYTECODE
export LC_ALL=C.UTF-8 PYTHONPYCACHEPREFIX=$CONSTITUENT_HOME/pycache
export PGOPTIONS='-c client_min_messages=warning'

# step WHAT COMMAND…: run a command silently; a line every 5 s while it lasts,
# its last lines if it fails. STEP_FOLDER: a folder whose growth is worth showing.
# STEP_LOG keeps the output of a success, too; STEP_HINT is said at a failure.
step() {
  local what=$1 rc=0 log ticker started=$SECONDS
  shift
  log=${STEP_LOG:-$(mktemp "$CONSTITUENT_HOME/log/$SCRIPT-XXXXXX")}
  say "$what"
  step_ticker "$what" "$started" &
  ticker=$!
  "$@" >"$log" 2>&1 </dev/null || rc=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ "$rc" != 0 ]; then
    tail -n 30 "$log" >&2
    die "failed: $what (exit code $rc; whole output: $log)${STEP_HINT:-}"
  fi
  [ -n "${STEP_LOG:-}" ] || rm -f "$log"
}

step_ticker() {
  local size=
  # The sleep must not hold the caller's stderr, nor the loop outlive the script.
  while sleep 5 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    [ -z "${STEP_FOLDER:-}" ] || size=", $(du -sm "$STEP_FOLDER" 2>/dev/null | cut -f1) MB"
    say "  … $((SECONDS - $2)) s$size: $1"
  done
}

# locked NAME FUNCTION…: one process at a time. The lock's descriptor is closed
# for what runs inside: a server started there must not hold it for ever.
# (A subshell: the function may make files, but set no variables.)
locked() {
  local name=$1
  shift
  (
    if ! flock -n 8; then
      say "waiting for another start to finish ($name)"
      flock 8
    fi
    "$@" 8>&-
  ) 8>"$CONSTITUENT_HOME/lock/$name"
}

# The header comment of a script is its help text.
usage() {
  sed -n '2,/^[^#]/{s/^# \{0,1\}//p}' "$0"
}
