import {registry} from "@web/core/registry";
import {
    RemainingDaysField,
    remainingDaysField,
} from "@web/views/fields/remaining_days/remaining_days_field";

// Further away, a date says more than "next month".
const NEAR_DAYS = 14;

export class CaseDueField extends RemainingDaysField {
    /**
     * @override
     */
    get diffString() {
        if (this.diffDays !== null && Math.abs(this.diffDays) > NEAR_DAYS) {
            return this.formattedValue;
        }
        return super.diffString;
    }
}

registry.category("fields").add("constituent_due", {
    ...remainingDaysField,
    component: CaseDueField,
});
