import logging
import tempfile
from pathlib import Path

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.enclosed_file import printable
from ..tools.letter import sha256
from ..tools.print_file import PrintFile, UnreadableError, join_apart
from ..tools.scan_file import ScanError

_logger = logging.getLogger(__name__)

# As many are made at once, while somebody waits; more are made in the background.
AT_ONCE = 200
# Letters of one slice: a few seconds, and a part of the file that is easily held.
SLICE = 200
# So many parts are joined here; more, by a process that ends with it.
FEW_PARTS = 3
# A part is held in memory; enclosed files may fill it before its letters are many.
PART_BYTES = 80_000_000


class ConstituentPostRun(models.Model):
    """The print file of a run: made in parts, each committed, and joined in the end."""

    _name = "constituent.post.run"
    _inherit = "constituent.post.run"

    part_ids = fields.Many2many(
        "ir.attachment",
        "constituent_post_run_part_rel",
        "run_id",
        "attachment_id",
        string="Parts",
        readonly=True,
        copy=False,
    )

    def action_make_file(self):
        """Make the print file: at once, or in the background when there are many letters.

        :raises UserError: no letters, or made already
        """
        self._check_step(("draft", "failed"))
        for run in self:
            run._put_in_order()
            if not run.letter_count:
                raise UserError(
                    self.env._("Post run %(run)s has no letters.", run=run.display_name)
                )
            run._drop_file()
            run._step(state="printing", done_count=0, left_out=False, error=False)
            if run.letter_count <= AT_ONCE:
                run._work()
            else:
                # Whoever posts does not administer scheduled actions.
                run.env.ref("constituent_services.ir_cron_post_run").sudo()._trigger()

    @api.model
    def _cron_make_files(self):
        """Go on with print files, in slices; also with those whose process was killed."""
        cron = self.env["ir.cron"]
        runs = self.search([("state", "=", "printing")], order="id")
        seconds = cron._commit_progress(
            remaining=sum(run.letter_count - run.done_count for run in runs)
        )
        for run in runs:
            # The words of the run are for who began it.
            run = run.with_company(run.company_id).with_context(lang=run.user_id.lang)
            while seconds and run.try_lock_for_update(allow_referencing=True):
                done = run.done_count
                if run.state != "printing" or not run._work_slice():
                    break
                seconds = cron._commit_progress(run.done_count - done)

    def _work(self):
        """Make the whole file in this transaction."""
        while self.state == "printing" and self._work_slice():
            pass

    def _work_slice(self):
        """Make the next part of the file, or join the parts when all are made.

        :return bool: whether there is more to do
        """
        self.ensure_one()
        try:
            with self.env.cr.savepoint():
                todo_sudo = self._letters_sudo(after=self.done_count, limit=SLICE)
                if todo_sudo:
                    self._make_part(todo_sudo)
                    return True
                self._join_parts()
        except OperationalError:
            raise
        except Exception as error:
            # The kind only: the text of an error may carry personal data.
            _logger.error("The print file of post run %s failed: %s", self.id, type(error).__name__)
            self._drop_file()
            self._step(
                state="failed",
                error=self.env._(
                    "The print file could not be made (%(kind)s). Try again; the letters are "
                    "still in the run.",
                    kind=type(error).__name__,
                ),
            )
        return False

    def _make_part(self, letters):
        """Put some letters into a part of the file.

        :param letters: constituent.correspondence, with rights to read them
        """
        print_file = PrintFile(self.duplex)
        left_out, refused, size = [], letters.browse(), 0
        for letter in letters:
            obstacle, more = self._put_letter(print_file, letter)
            if obstacle:
                left_out.append(f"{letter.reference}: {obstacle}")
                refused |= letter
            done = letter.post_order
            size += more
            if size > PART_BYTES:
                break
        if print_file.page_count:
            # Parts of the run's own file; nobody else has the right to store them.
            attachment_sudo = self.env["ir.attachment"].sudo()
            attachment_sudo = attachment_sudo.create(
                {
                    "name": f"part-{letters[0].post_order:06}.pdf",
                    "raw": print_file.content(),
                    "mimetype": "application/pdf",
                    "res_model": self._name,
                    "res_id": self.id,
                    "company_id": self.company_id.id,
                }
            )
            self._step(part_ids=[fields.Command.link(attachment_sudo.id)])
        self._release(refused)
        lines = filter(None, (self.left_out, *left_out))
        self._step(done_count=done, left_out="\n".join(lines) or False)
        # What was read of these letters, their cases and files is not needed any more.
        self.env.flush_all()
        self.env.invalidate_all()

    def _put_letter(self, print_file, letter):
        """Put one letter into the file, and behind it the files that go with it.

        :return tuple[str, int]: why it is left out, or an empty string; and by how many
            bytes the file grew
        """
        if letter.state not in ("sending", "sent"):
            return self.env._("it came back meanwhile."), 0
        if letter._approval_is_restricted() and not self.is_restricted:
            return self.env._("its case is restricted now."), 0
        content = letter.document_id.raw or b""
        # Thousands of documents would stay in memory until the end.
        letter.document_id.invalidate_recordset(["raw"], flush=False)
        if sha256(content) != letter.document_sha256:
            return self.env._("the stored PDF is not the one that was sent."), 0
        before = print_file.page_count
        try:
            print_file.add(content)
        except UnreadableError:
            return self.env._("the stored PDF cannot be read."), 0
        obstacle, more = self._put_enclosed(print_file, letter)
        if obstacle:
            print_file.cut(before)
            return obstacle, 0
        return "", len(content) + more

    def _put_enclosed(self, print_file, letter):
        """Put the files that go with a letter behind it.

        :return tuple[str, int]: as `_put_letter`
        """
        paper = letter.company_id.constituent_letter_paper or "letter"
        size = 0
        for file_sudo in letter._enclosed_sudo():
            try:
                size += print_file.add_again(
                    (file_sudo.checksum, paper), lambda one=file_sudo: printable(one.raw, paper)
                )
            except ScanError as error:
                return self.env["constituent.scan"]._file_sentence(error, file_sudo.name), 0
            file_sudo.invalidate_recordset(["raw"], flush=False)
        return "", size

    def _join_parts(self):
        """Join the parts to the print file, and forget them."""
        # The run's own parts, as above.
        parts_sudo = self.sudo().part_ids.sorted("name")
        left = self._letters_sudo(limit=1).search_count([("post_run_id", "=", self.id)])
        if not parts_sudo:
            self._step(
                state="failed",
                letter_count=left,
                error=self.env._("None of the letters can be printed."),
            )
            return
        content, pages = self._joined(parts_sudo)
        document_sudo = parts_sudo.create(
            {
                "name": self.env._("Post %(run)s.pdf", run=self.name.replace(" / ", "-")),
                "raw": content,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
                "company_id": self.company_id.id,
            }
        )
        self._step(
            state="ready",
            document_id=document_sudo.id,
            document_sha256=sha256(content),
            page_count=pages,
            letter_count=left,
            done_count=left,
            part_ids=[fields.Command.clear()],
        )
        parts_sudo.unlink()

    @api.model
    def _joined(self, parts_sudo):
        """Return the whole of the parts, and how many pages it has."""
        if len(parts_sudo) <= FEW_PARTS:
            print_file = PrintFile()
            for part_sudo in parts_sudo:
                print_file.add(part_sudo.raw)
            pages = print_file.page_count
            return print_file.content(), pages
        with tempfile.TemporaryDirectory() as folder:
            whole = Path(folder) / "whole.pdf"
            parts = []
            for number, part_sudo in enumerate(parts_sudo):
                # On the disk, wherever attachments are: all of them would fill the memory.
                parts.append(Path(folder) / f"part-{number}.pdf")
                parts[-1].write_bytes(part_sudo.raw)
                part_sudo.invalidate_recordset(["raw"], flush=False)
            pages = join_apart(parts, whole)
            return whole.read_bytes(), pages

    def _drop_file(self):
        """Forget a print file and its parts."""
        # The run's own; nobody else has the right to delete them.
        attachments_sudo = self.sudo().document_id | self.sudo().part_ids
        self._step(
            document_id=False,
            document_sha256=False,
            page_count=False,
            part_ids=[fields.Command.clear()],
        )
        attachments_sudo.unlink()

    def action_download(self):
        """Download the print file.

        :return dict: an action that starts the download
        :raises UserError: not made, or damaged
        """
        self.ensure_one()
        self.check_access("read")
        # Who may read the run may print it.
        document_sudo = self.document_id.sudo()
        if not document_sudo or sha256(document_sudo.raw) != self.document_sha256:
            raise UserError(self.env._("The print file is missing or damaged. Make it again."))
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{document_sudo.id}?download=true",
            "target": "download",
        }
