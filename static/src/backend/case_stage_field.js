import {registry} from "@web/core/registry";
import {
    StatusBarField,
    statusBarField,
} from "@web/views/fields/statusbar/statusbar_field";
import {useCloseOrReopen} from "./case_stage";

export class CaseStageField extends StatusBarField {
    setup() {
        super.setup();
        this.closeOrReopen = useCloseOrReopen();
    }

    /**
     * @override
     */
    async selectItem(item) {
        const {record} = this.props;
        if (record.resId) {
            const saved = !record.dirty || (await record.save());
            if (!saved) {
                return;
            }
            if (await this.closeOrReopen(record, item.value, () => record.load())) {
                return;
            }
        }
        return super.selectItem(item);
    }
}

registry.category("fields").add("constituent_case_stage", {
    ...statusBarField,
    component: CaseStageField,
});
