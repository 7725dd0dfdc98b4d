import {registry} from "@web/core/registry";
import {capitalize} from "@web/core/utils/strings";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";

// Further away, a date says more than a number of days.
const NEAR_DAYS = 14;

export class CaseDueField extends RemainingDaysField {
    static props = {
        ...RemainingDaysField.props,
        // The date stands beside it: always say how many days
        daysOnly: {type: Boolean, optional: true},
    };

    /**
     * Odoo's own says "next month" of what is due in ten days.
     *
     * @override
     */
    get diffString() {
        if (this.diffDays === null) {
            return "";
        }
        if (Math.abs(this.diffDays) > NEAR_DAYS && !this.props.daysOnly) {
            return this.formattedValue;
        }
        const {record, name} = this.props;
        return capitalize(record.data[name].toRelativeCalendar({unit: "days"}));
    }
}

registry.category("fields").add("constituent_due", {
    ...remainingDaysField,
    component: CaseDueField,
    extractProps: (fieldInfo) => ({
        ...remainingDaysField.extractProps(fieldInfo),
        daysOnly: Boolean(fieldInfo.options.days_only),
    }),
});
