import {Component, onWillStart, useState} from "@odoo/owl";
import {KanbanRenderer} from "@web/views/kanban/kanban_renderer";
import {ListRenderer} from "@web/views/list/list_renderer";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";

/** Batches are approved as one: above the letters that wait, those that wait beside them. */
export class WaitingBatches extends Component {
    static template = "constituent_services.WaitingBatches";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({batches: []});
        onWillStart(async () => {
            this.state.batches = await this.orm.call(
                "constituent.letter.batch",
                "waiting_for_me",
                []
            );
        });
    }

    open({id, name}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "constituent.letter.batch",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

class ToApproveListRenderer extends ListRenderer {
    static template = "constituent_services.ToApproveListRenderer";
    static components = {...ListRenderer.components, WaitingBatches};
}

class ToApproveKanbanRenderer extends KanbanRenderer {
    static template = "constituent_services.ToApproveKanbanRenderer";
    static components = {...KanbanRenderer.components, WaitingBatches};
}

registry.category("views").add("constituent_to_approve_list", {
    ...listView,
    Renderer: ToApproveListRenderer,
});
registry.category("views").add("constituent_to_approve_kanban", {
    ...kanbanView,
    Renderer: ToApproveKanbanRenderer,
});
