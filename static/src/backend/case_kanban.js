import {registry} from "@web/core/registry";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {useCloseOrReopen} from "./case_stage";

export class CaseKanbanRenderer extends KanbanRenderer {
    setup() {
        super.setup();
        this.closeOrReopen = useCloseOrReopen();
    }

    /**
     * @override
     */
    async sortRecordDrop(dataRecordId, dataGroupId, params) {
        const {list} = this.props;
        const targetId = params.parent?.dataset.id;
        if (
            list.isGrouped &&
            list.groupByField.name === "stage_id" &&
            targetId &&
            targetId !== dataGroupId
        ) {
            const source = list.groups.find((group) => group.id === dataGroupId);
            const target = list.groups.find((group) => group.id === targetId);
            const record = source?.list.records.find((one) => one.id === dataRecordId);
            if (record && target?.value) {
                params.parent.classList.remove("o_kanban_hover");
                const reload = () => list.load();
                if (await this.closeOrReopen(record, target.value, reload)) {
                    return;
                }
            }
        }
        return super.sortRecordDrop(dataRecordId, dataGroupId, params);
    }
}

registry.category("views").add("constituent_case_kanban", {
    ...kanbanView,
    Renderer: CaseKanbanRenderer,
});
