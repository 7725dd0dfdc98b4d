# shellcheck shell=bash
# The databases of script/bench. Growing one takes minutes, copying it seconds: it is
# grown once for each state of the addon and of the growth script.

# The lock is held until this process ends: two runs would measure each other.
take_bench() {
  exec 9>"$CONSTITUENT_HOME/lock/bench"
  flock -n 9 || die "another script/bench is running: they would measure each other"
}

# A copy of files is quicker than one through the log, which is the default.
createdb() { command createdb --strategy=file_copy "$@"; }

grown_name() { echo "cs_grown_${KEY}_$1_$2"; }

# What a grown database is made from.
grown_state() {
  echo "$ADDON $(fingerprint) $(cat "$LIB"/growth/*.py | sha256sum | cut -c1-12)"
}

# prepare_grown CASES CONTACTS: with RESET grown anew, with KEEP only updated.
prepare_grown() {
  local name state
  [ -e "$LIB/growth/__init__.py" ] || die "script/lib/growth is missing: nothing can grow a database"
  name=$(grown_name "$1" "$2")
  locked "$name" make_grown "$name" "$1" "$2" 9>&-
}

make_grown() {
  local state
  state=$(grown_state)
  if [ -z "$RESET" ] && have_database "$1"; then
    if [ "$(database_comment "$1")" = "$state" ]; then
      say "going on with the grown database $1"
      return
    elif [ -n "$KEEP" ]; then
      install "Odoo: updating the addon in the grown database $1" "$1" -u "$ADDON"
      finish_grown "$1" "$state"
      return
    fi
  fi
  addon_template
  scratch "$1-new"
  copy_database "$TEMPLATE" "$1-new"
  drop_database "$1" # two of them may be more than the disk holds
  step "growing a database to $2 cases and $3 contacts" grow_database "$1-new" "$2" "$3"
  finish_grown "$1-new" "$state"
  rename_database "$1-new" "$1"
  comment_database "$1" "$state"
}

grow_database() {
  CS_GROW_CASES=$2 CS_GROW_CONTACTS=$3 CS_GROW_LIB=$LIB \
    odoo_run shell -d "$1" --no-http --log-level=warn <"$LIB/bench_grow.py"
}

finish_grown() {
  step "PostgreSQL: vacuum and statistics of $1" sql "$1" "VACUUM ANALYZE"
  comment_database "$1" "$2"
}

# add_side KIND CASES DATABASE [ADDONS_PATH]: copies the database and adds a line to
# SIDES for script/bench.py.
add_side() {
  local copy=$3_run
  step "copying $3" copy_database "$3" "$copy"
  SIDES+="$1 $2 $copy ${4:-}"$'\n'
}

drop_copies() {
  local copy
  while read -r _ _ copy _; do
    [ -z "$copy" ] || drop_database "$copy" || true
  done <<<"${SIDES:-}"
} 2>/dev/null
