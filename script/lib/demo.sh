# shellcheck shell=bash
# The database of script/run: made, updated, and who may log in.

# prepare_database NAME DEMO RESET
prepare_database() {
  local state
  [ -z "$3" ] || drop_database "$1"
  if ! have_database "$1"; then
    create_database "$1" "$2"
    return
  fi
  state=$(database_comment "$1")
  if [ "$state" = "$ADDON $(fingerprint)" ]; then
    say "database $1 is up to date"
  elif [ "$(addon_state "$1")" = installed ]; then
    install "Odoo: the checkout has changed, updating the addon in $1" "$1" -u "$ADDON"
    remember_state "$1"
  else
    install "Odoo: installing the addon in the existing database $1" "$1" -i "$ADDON"
    remember_state "$1"
  fi
}

create_database() {
  local new=$1-new
  scratch "$new"
  base_template "$2"
  copy_database "$BASE" "$new"
  install "Odoo: creating database $1 with the addon${2:+ and its demo data}" \
    "$new" -i "$ADDON" ${2:+--with-demo}
  [ -n "$2" ] || set_random_password "$new"
  rename_database "$new" "$1"
  remember_state "$1"
}

remember_state() { comment_database "$1" "$ADDON $(fingerprint)"; }

addon_state() { sql "$1" "SELECT state FROM ir_module_module WHERE name = '$ADDON'" 2>/dev/null || true; }

# A database without demo data may become a real one: "admin" must not open it.
set_random_password() {
  local password
  password=$("$PY" -c 'import secrets; print(secrets.token_urlsafe(15))')
  sql "$1" "UPDATE res_users SET password = '$("$PY" -W ignore -c 'import sys
from passlib.hash import pbkdf2_sha512
print(pbkdf2_sha512.hash(sys.stdin.read().strip()))' <<<"$password")'
    WHERE id = (SELECT res_id FROM ir_model_data WHERE module = 'base' AND name = 'user_admin')"
  say "the administrator's password (shown this once): login admin, password $password"
}

# One login per role, the highest each; demo users' passwords are their logins.
print_logins() {
  [ "$(sql "$1" "SELECT demo FROM ir_module_module WHERE name = '$ADDON'")" = t ] || return 0
  echo "Log in with (the password is the login):"
  sql "$1" "$(cat "$LIB/logins.sql")" | while IFS='|' read -r role login name; do
    printf '  %-22s %-22s %s\n' "$role" "$login" "$name"
  done
}

answers() {
  "$PYTHON" -c 'import sys, urllib.request
urllib.request.urlopen(f"http://127.0.0.1:{sys.argv[1]}/web/health", timeout=60)' "$1" 2>/dev/null
}
