"""What the words of an imported row stand for here. Read once for a slice, then kept."""

from collections import defaultdict

from ..tools.text import fold


class ImportLookup:
    """Finds departments, categories and the like by what a file calls them.

    Where the mapping says so, missing departments and categories are made.

    :ivar run: the import, with the rights and the language of whoever imports
    :ivar bool dry: nothing is made; what would be is counted
    """

    def __init__(self, run, dry):
        self.run, self.dry = run, dry
        self.env, self.company = run.env, run.company_id
        self.create_missing = run.mapping_id.create_missing
        self.made_departments = self.env["constituent.department"]
        self.made_categories = self.env["constituent.category"]
        self._tables = {}

    def _table(self, name, load):
        if name not in self._tables:
            self._tables[name] = load()
        return self._tables[name]

    def of_office(self):
        """Return the condition that a record is the office's, or everybody's."""
        return ("company_id", "in", (False, self.company.id))

    # Departments and categories, which may be made

    def department(self, text, name=""):
        """Return the id of a department by code or name, 0 when there is none.

        :param str text: code or name, as in the file
        :param str name: what a new one is called, where it is not its code
        """
        table = self._table("department", self._load_departments)
        key = fold(text)
        if key not in table:
            table[key] = self._make_department(text, name)
        return table[key]

    def _load_departments(self):
        # As in routing: an import names departments, whatever its user may read of them.
        found_sudo = self.env["constituent.department"].sudo()
        table = {}
        for department in found_sudo.search(
            [("company_id", "=", self.company.id)], order="id desc"
        ):
            table[fold(department.name)] = department.id
        for department in found_sudo.search(
            [("company_id", "=", self.company.id)], order="id desc"
        ):
            if department.code:
                table[fold(department.code)] = department.id
        return table

    def _make_department(self, code, name):
        if not self.create_missing:
            return 0
        if self.dry:
            return -1
        # The mapping says so, and only a manager can have made it say so.
        departments_sudo = self.env["constituent.department"].sudo()
        made_sudo = departments_sudo.create(
            {"name": name or code, "code": code, "company_id": self.company.id}
        )
        self.made_departments |= made_sudo.sudo(False)
        return made_sudo.id

    def category(self, text, department_id):
        """Return the id of a category by its exact name, code or name, 0 when there is none.

        Some systems tell categories apart by capitals alone, so the exact name is first.

        :param str text: as in the file
        :param int department_id: takes the cases of a new one
        """
        exact, folded = self._table("category", self._load_categories)
        found = exact.get(text) or (folded.get(fold(text)) if not self.create_missing else 0)
        if not found:
            found = exact[text] = self._make_category(text, department_id)
        return found

    def _load_categories(self):
        found_sudo = self.env["constituent.category"].sudo()  # as for departments
        categories = found_sudo.search([self.of_office()], order="id desc")
        exact, folded = {}, {}
        for lang in {"en_US", self.env.lang or "en_US"}:
            for category in categories.with_context(lang=lang):
                folded[fold(category.name)] = exact[category.name] = category.id
        for category in categories:
            folded[fold(category.complete_name)] = category.id
            if category.code:
                folded[fold(category.code)] = exact[category.code] = category.id
        return exact, folded

    def _make_category(self, name, department_id):
        if not self.create_missing:
            return 0
        if self.dry:
            return -1
        # The mapping says so, and only a manager can have made it say so.
        made_sudo = (
            self.env["constituent.category"]
            .sudo()
            .create(
                {
                    "name": name,
                    "department_id": department_id,
                    "company_id": self.company.id,
                }
            )
        )
        self.made_categories |= made_sudo.sudo(False)
        return made_sudo.id

    # What is only looked up

    def channel(self, text):
        """Return the id of a channel by code or name, 0 when there is none."""
        return self._table("channel", lambda: self._load("constituent.channel", "code")).get(
            fold(text), 0
        )

    def outcome(self, text):
        """Return the id of an outcome by name, 0 when there is none."""
        return self._table("outcome", lambda: self._load("constituent.case.outcome")).get(
            fold(text), 0
        )

    def _load(self, model, code=None):
        records = self.env[model].with_context(active_test=False).search([self.of_office()])
        table = {fold(record.name): record.id for record in reversed(records)}
        if code:
            table.update({fold(record[code]): record.id for record in reversed(records)})
        return table

    def user(self, text):
        """Return the id of a colleague by login, mail address or name, 0 when not clear who."""
        return self._table("user", self._load_users).get(fold(text), 0)

    def _load_users(self):
        # Names and logins of colleagues, to find who a file means.
        users_sudo = (
            self.env["res.users"]
            .sudo()
            .search([("share", "=", False), ("company_ids", "in", self.company.ids)])
        )
        table = defaultdict(set)
        for user in users_sudo:
            for word in {fold(user.login), fold(user.email), fold(user.name)} - {""}:
                table[word].add(user.id)
        return {word: min(ids) for word, ids in table.items() if len(ids) == 1}

    def tags(self, names):
        """Return the ids of tags, made where missing: every caseworker may make tags."""
        table = self._table("tag", lambda: self._load("constituent.case.tag"))
        for name in names:
            if fold(name) not in table:
                table[fold(name)] = (
                    -1 if self.dry else self.env["constituent.case.tag"].create({"name": name}).id
                )
        return [table[fold(name)] for name in names]

    def organization(self, text):
        """Return the id of an office or group by its key in the file's system, or its name.

        :return int: 0 when there is none; find_organizations() has looked
        """
        return self._table("organization", dict).get(text, 0)

    def find_organizations(self, texts):
        """Look up at once what organization() will be asked for.

        What is not found is not remembered: a later row of the file may make it.
        """
        table = self._table("organization", dict)
        missing = [text for text in set(texts) if text and table.get(text, 0) <= 0]
        if not missing:
            return
        companies = [self.of_office(), ("is_company", "=", True)]
        source = self.run.mapping_id.external_source
        # The key goes before the name, and the older contact before the newer.
        for column, domain in (
            ("complete_name", []),
            ("external_ref", [("external_source", "=", source)]),
        ):
            found = self.env["res.partner"].search_fetch(
                [*companies, *domain, (column, "in", missing)], [column], order="id desc"
            )
            table.update({partner[column]: partner.id for partner in found})

    def expect(self, works):
        """Remember rows that would become contacts, for the rows of a dry run that name them."""
        table = self._table("organization", dict)
        for work in works:
            for text in (work.ref, work.converted.values.get("name")):
                table.setdefault(text, -1)

    def country(self, text):
        """Return the id of a country by code or name, 0 when there is none."""
        return self._table("country", self._load_countries).get(fold(text), 0)

    def _load_countries(self):
        table = {}
        for lang in {"en_US", self.env.lang or "en_US"}:
            for country in self.env["res.country"].with_context(lang=lang).search([]):
                table[fold(country.name)] = table[fold(country.code)] = country.id
        return table

    def state(self, text, country_id):
        """Return the id of a state by code or name, of a country or the office's."""
        country_id = country_id or self.company.country_id.id
        table = self._table(
            f"state {country_id}",
            lambda: {
                fold(word): state.id
                for state in self.env["res.country.state"].search([("country_id", "=", country_id)])
                for word in (state.name, state.code)
            },
        )
        return table.get(fold(text), 0)
