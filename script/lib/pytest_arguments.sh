# shellcheck shell=bash
# Odoo and pytest take the addon's name from its folder's, so tests are run
# through the link of that name: paths in the checkout are rewritten to it.

# Options of pytest whose value is the next argument: not a path, whatever it looks like.
VALUE_OPTIONS=' -k -m -n -p -c -o -r -W --deselect --ignore --dist --maxfail --durations --tb --junitxml --lfnf --odoo-log-level '

# map_arguments ARGUMENT…: sets ARGUMENTS; without a path, the whole addon is run
# (WHOLE=web).
map_arguments() {
  local argument file before='' paths=0
  ARGUMENTS=() WHOLE=''
  for argument in "$@"; do
    file=${argument%%::*}
    if [[ $argument = -* || $VALUE_OPTIONS = *" $before "* ]]; then
      ARGUMENTS+=("$argument")
    else
      paths=1
      file=${file#"$CHECKOUT"/}
      file=${file#"$ADDON"/} # as pytest prints it
      if [ -e "$CHECKOUT/$file" ]; then
        ARGUMENTS+=("$LINK/$file${argument#"${argument%%::*}"}")
      else
        ARGUMENTS+=("$argument")
      fi
    fi
    before=$argument
  done
  if [ $paths = 0 ]; then
    # The whole addon in as many processes as there are processors, a database each.
    [[ " $* " = *" -n"* ]] || ARGUMENTS+=(-n "$(processes)")
    ARGUMENTS+=("$LINK")
    WHOLE=web
  fi
}

# At most four: each needs a database and half a GB.
processes() {
  local count
  count=$(nproc 2>/dev/null || echo 1)
  echo $((count > 4 ? 4 : count))
}
