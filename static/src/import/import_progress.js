import {Component, onMounted, onWillUnmount} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

// While the scheduled action works, the form looks how far it is.
const EVERY_MS = 2000;
// What was in hand when somebody paused it goes on for a moment.
const LOOKS_AFTER = 10;
const BUSY = ["checking", "importing", "taking_back", "preparing", "sending"];

export class ImportProgressField extends Component {
    static template = "constituent_services.ImportProgress";
    static props = {...standardFieldProps};

    setup() {
        let timer = null;
        let busy = false;
        let looks = 0;
        const look = async () => {
            const {record} = this.props;
            looks = this.isBusy ? LOOKS_AFTER : looks - 1;
            if (!busy && looks > 0 && !document.hidden) {
                busy = true;
                try {
                    // What is being typed into what rests is not thrown away.
                    if (this.isBusy || !(await record.isDirty())) {
                        await record.load();
                    }
                } finally {
                    busy = false;
                }
            }
        };
        onMounted(() => {
            timer = setInterval(look, EVERY_MS);
        });
        onWillUnmount(() => clearInterval(timer));
    }

    get percent() {
        return Math.round(this.props.record.data[this.props.name] || 0);
    }

    get isBusy() {
        return BUSY.includes(this.props.record.data.state);
    }
}

registry.category("fields").add("constituent_import_progress", {
    component: ImportProgressField,
    supportedTypes: ["float"],
    fieldDependencies: [{name: "state", type: "selection"}],
});
