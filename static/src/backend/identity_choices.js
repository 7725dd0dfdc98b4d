import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {useService} from "@web/core/utils/hooks";

/** Who the constituent may be: one click says who it is. */
export class IdentityChoices extends Component {
    static template = "constituent_services.IdentityChoices";
    static props = {...standardFieldProps};

    setup() {
        this.orm = useService("orm");
    }

    get question() {
        return this.props.record.data[this.props.name] || {question: "", choices: []};
    }

    /** @param {number} id of a contact, 0 for a new one */
    async take(id) {
        await this.call("action_identify_as", [id]);
    }

    async putAside() {
        await this.call("action_identify_other", []);
    }

    async call(method, args) {
        const {record} = this.props;
        if (await record.save()) {
            await this.orm.call("constituent.case", method, [[record.resId], ...args]);
            await record.load();
        }
    }
}

registry.category("fields").add("constituent_identity_choices", {
    component: IdentityChoices,
    supportedTypes: ["json"],
});
