import {onWillUnmount, useRef, useState} from "@odoo/owl";
import {FileUploader} from "@web/views/fields/file_handler";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {ListController} from "@web/views/list/list_controller";
import {_t} from "@web/core/l10n/translation";
import {checkFileSize} from "@web/core/utils/files";
import {getDataURLFromFile} from "@web/core/utils/urls";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

// Paper comes in by the file: chosen or dropped, several at once, a scan of each.
const withUpload = (Controller) =>
    class extends Controller {
        static components = {...Controller.components, FileUploader};

        setup() {
            super.setup();
            this.notification = useService("notification");
            this.orm = useService("orm");
            this.scanRef = useRef("root");
            this.upload = useState({busy: 0, isOver: false});
            this.made = [];
            this.drop = (ev) => this.onDrop(ev);
            this.over = (ev) => this.onDragOver(ev);
            this.leave = () => {
                this.upload.isOver = false;
            };
            document.addEventListener("dragover", this.over);
            document.addEventListener("dragleave", this.leave);
            document.addEventListener("drop", this.drop);
            onWillUnmount(() => {
                document.removeEventListener("dragover", this.over);
                document.removeEventListener("dragleave", this.leave);
                document.removeEventListener("drop", this.drop);
            });
        }

        /**
         * Make a scan of a file. What is wrong with one does not keep the others out.
         *
         * @param {Object} file name and data (base64)
         */
        async onScan({name, data}) {
            this.upload.busy += 1;
            try {
                const [id] = await this.orm.create("constituent.scan", [
                    {file: data || "", file_name: name},
                ]);
                this.made.push(id);
            } catch (error) {
                // The server says what is wrong with the file; all else is Odoo's to show.
                if (!error.data?.name?.endsWith("UserError")) {
                    throw error;
                }
                this.notification.add(error.data.message, {
                    title: _t("Not taken: %s", name),
                    type: "danger",
                    sticky: true,
                });
            } finally {
                this.upload.busy -= 1;
            }
        }

        /** One scan is opened at once, several are listed. */
        async onScansMade() {
            const made = this.made.splice(0);
            if (made.length === 1) {
                return this.props.selectRecord(made[0], {});
            }
            if (made.length) {
                await this.model.load();
            }
        }

        onDragOver(ev) {
            if (ev.dataTransfer?.types.includes("Files")) {
                ev.preventDefault();
                this.upload.isOver = true;
            }
        }

        async onDrop(ev) {
            if (!ev.dataTransfer?.files.length) {
                return;
            }
            ev.preventDefault();
            this.upload.isOver = false;
            for (const file of [...ev.dataTransfer.files]) {
                if (checkFileSize(file.size, this.notification)) {
                    const url = await getDataURLFromFile(file);
                    await this.onScan({name: file.name, data: url.split(",")[1]});
                }
            }
            await this.onScansMade();
        }
    };

export class ScanListController extends withUpload(ListController) {}

// On a telephone, as cards.
export class ScanKanbanController extends withUpload(KanbanController) {}

registry.category("views").add("constituent_scan_list", {
    ...listView,
    Controller: ScanListController,
    buttonTemplate: "constituent_services.ScanList.Buttons",
});
registry.category("views").add("constituent_scan_kanban", {
    ...kanbanView,
    Controller: ScanKanbanController,
    buttonTemplate: "constituent_services.ScanKanban.Buttons",
});
