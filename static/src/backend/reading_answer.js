import {Component} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

/** What is decided on one of several letters: with the others, by itself, or nothing. */
export class ReadingAnswer extends Component {
    static template = "constituent_services.ReadingAnswer";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name];
    }

    get choices() {
        return this.props.record.fields[this.props.name].selection;
    }

    get placeholder() {
        return _t("What to change in this letter");
    }

    // Cards are not edited elsewhere: the field asks nobody whether it may be.
    choose(value) {
        return this.props.record.update({[this.props.name]: value});
    }

    comment(text) {
        return this.props.record.update({comment: text});
    }
}

registry.category("fields").add("constituent_reading_answer", {
    component: ReadingAnswer,
    supportedTypes: ["selection"],
    fieldDependencies: [{name: "comment", type: "text"}],
});

/** On how many letters a button decides. */
export class ReadingCount extends Component {
    static template = "constituent_services.ReadingCount";
    static props = {
        ...standardWidgetProps,
        everything: {type: Boolean, optional: true},
    };

    get text() {
        const {data} = this.props.record;
        const answers = data.line_ids.records.map((line) => line.data.answer);
        const count = (value) => answers.filter((answer) => answer === value).length;
        if (data.batch_id) {
            return `(${data.letter_count})`;
        }
        const back = count("back");
        if (this.props.everything) {
            return `(${count("with") + back})`;
        }
        return back
            ? _t("(%(count)s, and %(back)s sent back)", {count: count("with"), back})
            : `(${count("with")})`;
    }
}

registry.category("view_widgets").add("constituent_reading_count", {
    component: ReadingCount,
    extractProps: ({attrs}) => ({everything: Boolean(attrs.everything)}),
});
