# shellcheck shell=bash
# Odoo 19 is not on PyPI. In this order: a tree named by ODOO_SRC, the one the
# current Python has, Debian's package unpacked (never installed) into our home.

DEBIAN_TREE=$CONSTITUENT_HOME/odoo-19

# is_odoo_19 FOLDER: FOLDER/odoo is Odoo 19.0. Read, not imported: it may be anything.
is_odoo_19() { grep -qs '^version_info = (19, 0,' "$1/odoo/release.py"; }

# Sets ODOO_PATH (for PYTHONPATH) and ODOO_ADDONS (for addons_path).
need_odoo() {
  ODOO_PATH=
  if [ -n "${ODOO_SRC:-}" ]; then
    odoo_from_src
  elif ! odoo_from_python; then
    [ -e "$DEBIAN_TREE" ] || locked odoo odoo_from_debian
    ODOO_PATH=$DEBIAN_TREE/usr/lib/python3/dist-packages
  fi
  is_odoo_19 "$ODOO_PATH" || die "$ODOO_PATH does not hold Odoo 19.0; delete $DEBIAN_TREE and start again"
  ODOO_ADDONS=$(readlink -f "$ODOO_PATH/odoo")/addons
  [ ! -d "${ODOO_ADDONS%/odoo/addons}/addons" ] || ODOO_ADDONS+=,${ODOO_ADDONS%/odoo/addons}/addons
}

odoo_from_src() {
  local folder
  [ -d "$ODOO_SRC" ] || die "ODOO_SRC=$ODOO_SRC is not a folder"
  for folder in "$ODOO_SRC" "$ODOO_SRC/usr/lib/python3/dist-packages"; do
    if is_odoo_19 "$folder"; then
      ODOO_PATH=$(cd "$folder" && pwd -P)
      return
    fi
  done
  die "ODOO_SRC=$ODOO_SRC holds no Odoo 19.0 (looked for odoo/release.py with version_info (19, 0, …))"
}

# `import odoo` alone proves nothing: any odoo-addon-* package makes that namespace.
# Only a link to the package is put on the path, not that Python's other packages.
odoo_from_python() {
  local package
  package=$("$PYTHON" -c 'import os, odoo.release as r
print(os.path.dirname(os.path.abspath(r.__file__)) if r.series == "19.0" else "")' 2>/dev/null) || return 1
  [ -n "$package" ] || return 1
  ODOO_PATH=$CONSTITUENT_HOME/odoo-link-$(printf %s "$package" | sha256sum | cut -c1-10)
  mkdir -p "$ODOO_PATH"
  ln -sfn "$package" "$ODOO_PATH/odoo"
}

# Debian unstable has the package odoo-19; neither root nor a changed system
# configuration is needed to unpack it. The tree links into other packages
# (sid's versions of two of them break the links: those come from trixie).
DEBIAN_PACKAGES=(odoo-19/sid libjs-jquery/sid libjs-underscore/sid libjs-jquery-form/sid
  fonts-roboto-unhinted/sid fonts-montserrat/sid fonts-ocr-b/sid
  fonts-inconsolata/trixie fonts-font-awesome/trixie)

odoo_from_debian() {
  local work=$CONSTITUENT_HOME/apt part=$DEBIAN_TREE.part mirror keyring size python
  local STEP_HINT="; or get Odoo 19.0 yourself and set ODOO_SRC to its folder"
  [ ! -e "$DEBIAN_TREE" ] || return 0
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || die "no Odoo 19 found: ODOO_SRC is not set, $PYTHON has no odoo 19.0, and apt names" \
    "no Debian archive to take the package odoo-19 from. Get Odoo 19.0 (a checkout of its branch 19.0 will do)" \
    "and set ODOO_SRC to its folder"
  rm -rf "$work" "$part"
  mkdir -p "$work"/{lists/partial,cache/archives/partial,debs} "$part"
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  [ -e "$keyring" ] || die "$keyring is missing: sudo apt-get install debian-archive-keyring"
  printf "deb [signed-by=$keyring] %s %s main\n" "$mirror" sid "$mirror" trixie >"$work/sources"
  APT_OPTIONS=(-q -o "Dir::Etc::sourcelist=$work/sources" -o Dir::Etc::sourceparts=-
    -o "Dir::State::lists=$work/lists" -o "Dir::Cache=$work/cache"
    -o Acquire::Languages=none -o APT::Sandbox::User=root)
  STEP_FOLDER=$work/lists step "Odoo 19: reading Debian's package lists" apt-get "${APT_OPTIONS[@]}" update
  size=$(apt-get "${APT_OPTIONS[@]}" --print-uris download "${DEBIAN_PACKAGES[@]}" 2>/dev/null \
    | awk '{sum += $3} END {print int(sum / 1000000)}')
  (
    cd "$work/debs"
    STEP_FOLDER=$work/debs step "Odoo 19: downloading ${#DEBIAN_PACKAGES[@]} Debian packages, $size MB" \
      apt-get "${APT_OPTIONS[@]}" download "${DEBIAN_PACKAGES[@]}"
  )
  # shellcheck disable=SC2016
  STEP_FOLDER=$part step "Odoo 19: unpacking (1.1 GB)" \
    bash -c 'for deb in "$1"/*.deb; do dpkg-deb -x "$deb" "$2" || exit; done' - "$work/debs" "$part"
  python=$part/usr/lib/python3/dist-packages
  is_odoo_19 "$python" || die "Debian's package odoo-19 does not hold Odoo 19.0; set ODOO_SRC"
  # Debian removed the background blur of calls; without the file a bundle logs an
  # error, which fails browser tests.
  mkdir -p "$python/odoo/addons/mail/static/lib/selfie_segmentation"
  : >"$python/odoo/addons/mail/static/lib/selfie_segmentation/selfie_segmentation.js"
  rm -rf "$work" "$python/addons" # a second copy of the addons
  mv "$part" "$DEBIAN_TREE"       # the tree is whole or absent
}

# The archive this machine is configured for: no host is named in our files.
debian_mirror() {
  local codename=
  have apt-get && have dpkg-deb || return 0
  # shellcheck source=/dev/null
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  apt-get update --print-uris 2>/dev/null \
    | sed -n "s#^'\(.*\)/dists/$codename/InRelease'.*#\1#p" | head -n 1
}
