import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {CalendarModel} from "@web/views/calendar/calendar_model";
import {calendarView} from "@web/views/calendar/calendar_view";

/**
 * A big city has thousands of cases due in a month: nobody reads a calendar of them, and
 * reading them takes seconds. It shows those due first, and says so.
 */
export class CaseCalendarModel extends CalendarModel {
    static MAX_RECORDS = 500;

    /**
     * @override
     */
    async fetchRecords(data) {
        const {activeFields, context, fieldMapping, fieldNames, resModel} = this.meta;
        const max = this.constructor.MAX_RECORDS;
        const records = await this.orm.searchRead(
            resModel,
            this.computeDomain(data),
            [...new Set([...fieldNames, ...Object.keys(activeFields)])],
            {context, limit: max + 1, order: fieldMapping.date_start}
        );
        if (records.length > max) {
            const message = _t(
                "These are the %(count)s cases due first; there are more. Choose a week, or fewer cases by a filter.",
                {count: max}
            );
            this.notification.add(message, {type: "warning"});
        }
        return records.slice(0, max);
    }
}

registry.category("views").add("constituent_case_calendar", {
    ...calendarView,
    Model: CaseCalendarModel,
});
