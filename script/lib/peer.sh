# shellcheck shell=bash
# What the product is compared with: OCA helpdesk_mgmt, in a folder and databases of its
# own that nothing but the bench's second process sees.

PEER_VERSION=19.0.1.3.2

# Sets PEER_ADDONS.
need_peer() {
  local folder=$CONSTITUENT_HOME/peer-$PEER_VERSION
  [ -e "$folder" ] || locked peer fetch_peer "$folder"
  PEER_ADDONS=$folder/odoo/addons
}

fetch_peer() {
  [ ! -e "$1" ] || return 0
  rm -rf "$1.part"
  step "Python: fetching helpdesk_mgmt $PEER_VERSION, to compare with" \
    "$PY" -m pip --disable-pip-version-check --no-input install -q --no-deps \
    --target "$1.part" "odoo-addon-helpdesk-mgmt==$PEER_VERSION"
  mv "$1.part" "$1"
}

peer_name() { echo "cs_peer_${KEY}_$1_$2"; }

# prepare_peer CASES CONTACTS: a database with what ours of that size holds.
prepare_peer() {
  local name
  name=$(peer_name "$1" "$2")
  locked "$name" make_peer "$name" "$(grown_name "$1" "$2")" 9>&-
}

make_peer() {
  local state base
  # Another growth of ours, another population: the time it was grown tells.
  state="helpdesk_mgmt $PEER_VERSION $(sha256sum <"$LIB/peer_growth.py" | cut -c1-12) $(grown_at "$2")"
  if have_database "$1" && [ "$(database_comment "$1")" = "$state" ]; then
    say "going on with the peer's database $1"
    return
  fi
  base=cs_peer_base_$({ odoo_version && echo "$PEER_VERSION"; } | sha256sum | cut -c1-10)
  have_database "$base" || locked "$base" make_peer_base "$base"
  scratch "$1-new"
  copy_database "$base" "$1-new"
  drop_database "$1"
  step "filling the peer's database with what $2 holds" fill_peer "$1-new" "$2"
  step "PostgreSQL: vacuum and statistics of $1" sql "$1-new" "VACUUM ANALYZE"
  rename_database "$1-new" "$1"
  comment_database "$1" "$state"
}

# When a database was made, in the eyes of its rows.
grown_at() {
  sql "$1" "SELECT md5(value || write_date) FROM ir_config_parameter WHERE key = 'constituent_services.bench_grown'"
}

make_peer_base() {
  ! have_database "$1" || return 0
  scratch "$1-new"
  install "Odoo: installing helpdesk_mgmt (once, about a minute)" \
    "$1-new" "--addons-path=$ODOO_ADDONS,$PEER_ADDONS" -i helpdesk_mgmt
  rename_database "$1-new" "$1"
}

fill_peer() {
  CS_PEER_SOURCE=$2 odoo_run shell -d "$1" "--addons-path=$ODOO_ADDONS,$PEER_ADDONS" \
    --no-http --log-level=warn <"$LIB/peer_growth.py"
}
