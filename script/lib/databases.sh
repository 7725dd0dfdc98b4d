# shellcheck shell=bash
# Databases. Installing Odoo's own modules takes a minute, copying a database a
# second; so there are templates that nothing but `createdb -T` ever touches:
#   cs_base_<key>[_demo]       the modules our manifest depends on; for all checkouts
#   cs_addon_<checkout>_<key>  the same with our addon; made anew when a file changes
# A database's comment tells which state of the addon it holds: it goes with the
# database and is not copied along.

# The environment in which $PY runs Odoo: `env "${ODOO_ENV[@]}" "$PY" "$LIB/odoo-bin"`.
odoo_environment() {
  ODOO_ENV=("PYTHONPATH=$ODOO_PATH" "ODOO_RC=$CONF" PYTHONWARNINGS=ignore::DeprecationWarning)
}

odoo_run() { env "${ODOO_ENV[@]}" "$PY" "$LIB/odoo-bin" "$@"; }

# The configuration of this checkout, and the link through which Odoo sees it.
# Files are stored under the database's name: each server has a store of its own.
configure() {
  DATA=$CONSTITUENT_HOME/data
  if [ "$PGHOST" != "$CONSTITUENT_HOME/pg" ]; then
    DATA+=-$(printf %s "$PGHOST:${PGPORT:-5432}" | sha256sum | cut -c1-10)
    CONF=${CONF%.conf}${DATA##*/data}.conf
  fi
  [ -e "$CHECKOUT/__manifest__.py" ] || die "$CHECKOUT is not the addon: it has no __manifest__.py"
  mkdir -p "$LINKS" "$DATA/filestore" "$CONSTITUENT_HOME/screenshots"
  ln -sfn "$CHECKOUT" "$LINK"
  local part=$CONF.$$
  cat >"$part" <<END
[options]
addons_path = $ODOO_ADDONS,$LINKS
data_dir = $DATA
db_template = $EMPTY
unaccent = True
list_db = False
http_interface = 127.0.0.1
screenshots = $CONSTITUENT_HOME/screenshots
END
  mv "$part" "$CONF"
}

# What an installation depends on: all files but those that only develop and test it.
fingerprint() {
  (
    cd "$CHECKOUT"
    find . \( -path './.*' -o -path ./script -o -path ./tests -o -path ./doc -o -path ./docs \
      -o -name node_modules -o -name __pycache__ \) -prune -o -type f \
      ! -name '*.md' ! -name '*.pyc' ! -name pyproject.toml -print0 \
      | LC_ALL=C sort -z | xargs -0 sha256sum
    odoo_version
  ) | sha256sum | cut -c1-12
}

odoo_version() {
  cat "$ODOO_PATH/odoo/release.py" "$ADDON_REQUIREMENTS"
  git -C "$ODOO_PATH" rev-parse HEAD 2>/dev/null || true
}

depends() {
  "$PY" -c 'import ast, sys
manifest = ast.literal_eval(open(sys.argv[1], encoding="utf-8").read())
print(",".join(sorted(manifest.get("depends", ["base"]))))' "$CHECKOUT/__manifest__.py"
}

drop_database() {
  dropdb --if-exists --force "$1"
  rm -rf "$DATA/filestore/$1"
}

# PostgreSQL copies a database only while nobody is connected to it: if somebody looks
# at the template, wait. Files of the store are named by their content and never
# rewritten: links do.
copy_database() {
  local attempt
  drop_database "$2"
  for attempt in {1..60}; do
    [ "$(sql postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$1'")" != 0 ] || break
    [ "$attempt" != 5 ] || say "waiting: somebody is connected to the template $1"
    sleep 1
  done
  createdb -T "$1" "$2"
  [ ! -d "$DATA/filestore/$1" ] || cp -al "$DATA/filestore/$1" "$DATA/filestore/$2" 2>/dev/null \
    || cp -a "$DATA/filestore/$1" "$DATA/filestore/$2"
}

rename_database() {
  rm -rf "$DATA/filestore/$2"
  [ ! -d "$DATA/filestore/$1" ] || mv "$DATA/filestore/$1" "$DATA/filestore/$2"
  sql postgres "ALTER DATABASE \"$1\" RENAME TO \"$2\""
}

database_comment() {
  sql postgres "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = '$1'"
}

comment_database() { sql postgres "COMMENT ON DATABASE \"$1\" IS '$2'"; }

# install WHAT DATABASE ARGUMENT…: one silent run of Odoo; its warnings are shown,
# since they are mostly about our own files.
install() {
  local what=$1 database=$2 log=$CONSTITUENT_HOME/log/install-$2.log
  shift 2
  STEP_LOG=$log step "$what" odoo_run -d "$database" "$@" --stop-after-init --no-http --log-level=warn
  ! grep -E ' (WARNING|ERROR|CRITICAL) ' "$log" >&2 || say "  (whole log: $log)"
}

# scratch NAME: a database made aside and then renamed, so that an interrupted or failed
# start leaves no half a database. Dropped when the (sub)shell ends, if still there.
scratch() {
  drop_database "$1"
  # shellcheck disable=SC2064
  trap "drop_database '$1' 2>/dev/null" EXIT
}

# base_template [demo]: sets BASE.
base_template() {
  local modules
  modules=$(depends)
  BASE=cs_base_$({ odoo_version && echo "$modules"; } | sha256sum | cut -c1-10)${1:+_demo}
  have_database "$BASE" || locked "$BASE" make_base "$BASE" "$modules" "${1:-}"
}

make_base() {
  ! have_database "$1" || return 0
  scratch "$1-new"
  install "Odoo: installing the modules we build on ($2${3:+, with demo data}; once, about a minute)" \
    "$1-new" -i "$2" ${3:+--with-demo}
  rename_database "$1-new" "$1"
}

# addon_template [web]: sets TEMPLATE, a database with the addon as it is now and no
# demo data; with "web" (or where there is one already) the asset bundles are compiled.
addon_template() {
  base_template
  TEMPLATE=cs_addon_${KEY}_$(fingerprint)
  have_database "$TEMPLATE" || locked "$TEMPLATE" make_addon "$TEMPLATE" "$BASE"
  if have_database "${TEMPLATE}_web" || [ "${1:-}" = web ]; then
    have_database "${TEMPLATE}_web" || locked "$TEMPLATE" make_web "$TEMPLATE"
    TEMPLATE+=_web
  fi
}

# Always installed afresh, never updated: an update hides what a new office would meet.
make_addon() {
  ! have_database "$1" || return 0
  scratch "$1-new"
  copy_database "$2" "$1-new"
  install "Odoo: installing the addon" "$1-new" -i "$ADDON"
  rename_database "$1-new" "$1"
  drop_old_templates "$1"
}

make_web() {
  ! have_database "$1_web" || return 0
  scratch "$1_web-new"
  copy_database "$1" "$1_web-new"
  step "Odoo: compiling the asset bundles" compile_assets "$1_web-new"
  rename_database "$1_web-new" "$1_web"
}

compile_assets() { odoo_run shell -d "$1" --no-http --log-level=warn <"$LIB/assets.py"; }

# Of this checkout's templates the last three stay (and what a parallel run is copying).
drop_old_templates() {
  local old
  for old in $(sql postgres "SELECT datname FROM (
      SELECT datname, dense_rank() OVER (ORDER BY first DESC) AS age FROM (
        SELECT datname, min(oid::bigint) OVER (PARTITION BY split_part(datname, '_', 4)) AS first
          FROM pg_database WHERE datname ~ '^cs_addon_${KEY}_[0-9a-f]+(_web)?\$') AS templates) AS aged
      WHERE age > 3 AND datname <> '$1'"); do
    if dropdb "$old" 2>/dev/null; then rm -rf "$DATA/filestore/$old"; fi
  done
}
