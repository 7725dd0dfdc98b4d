import {Component} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

/** The categories a case's words speak for: one click takes one. */
export class CategorySuggestions extends Component {
    static template = "constituent_services.CategorySuggestions";
    static props = {...standardFieldProps};

    get suggestions() {
        return this.props.record.data[this.props.name] || [];
    }

    /** @param {{id: number, name: string}} suggestion */
    async take(suggestion) {
        const {record} = this.props;
        await record.update({
            category_id: {id: suggestion.id, display_name: suggestion.name},
        });
        // A case that is being typed in is saved when it is whole.
        if (!record.isNew) {
            await record.save();
        }
    }
}

registry.category("fields").add("constituent_category_suggestions", {
    component: CategorySuggestions,
    supportedTypes: ["json"],
});
