# shellcheck shell=bash
# Sourced by the scripts that run Odoo.
LIB=$(dirname "${BASH_SOURCE[0]}")
for part in common system odoo python postgres databases; do
  # shellcheck source=/dev/null
  . "$LIB/$part.sh"
done

# Everything up to a configured Odoo with a reachable server. Cheap checks first;
# nothing here reads standard input or writes to standard output.
need_all() {
  need_interpreter
  need_disk
  need_odoo
  need_python
  need_print_libraries
  want_font_subsetter
  need_postgres
  configure
  odoo_environment
} </dev/null >&2
