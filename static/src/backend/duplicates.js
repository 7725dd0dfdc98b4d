import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {NearbyMap, openCase} from "./nearby_map";

/** Open cases that may be the same matter, each with what to do about it. */
export class Duplicates extends Component {
    static template = "constituent_services.Duplicates";
    static props = {...standardFieldProps};

    setup() {
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.orm = useService("orm");
    }

    get matches() {
        return this.props.record.data[this.props.name] || [];
    }

    get map() {
        return this.props.record.data.nearby_map || "";
    }

    get isSaved() {
        return !this.props.record.isNew;
    }

    /** @param {{id: number}} match */
    open(match) {
        return openCase(this.action, match.id);
    }

    openMap() {
        this.dialog.add(NearbyMap, {
            caseId: this.props.record.resId,
            open: (match) => this.open(match),
            sameAs: (match) => this.sameAs(match),
        });
    }

    /** @param {{id: number}} match */
    sameAs(match) {
        return this.settle("action_same_as", [match.id]);
    }

    none() {
        return this.settle("action_not_duplicates", []);
    }

    async settle(method, args) {
        const {record} = this.props;
        // What was typed in the form must not be lost on the way.
        if (await record.save()) {
            await this.orm.call("constituent.case", method, [[record.resId], ...args]);
            await record.load();
        }
    }
}

registry.category("fields").add("constituent_duplicates", {
    component: Duplicates,
    supportedTypes: ["json"],
    fieldDependencies: [{name: "nearby_map", type: "char"}],
});
