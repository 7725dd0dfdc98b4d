import {useService} from "@web/core/utils/hooks";

/**
 * Closing asks for an outcome and reopening for a reason: a change of stage that closes
 * or reopens a case opens the window that asks, wherever the stage is changed.
 *
 * @returns {(record: Object, stageId: Number, onDone: Function) => Promise<Boolean>}
 *     resolves to whether a window was opened instead of changing the stage
 */
export function useCloseOrReopen() {
    const orm = useService("orm");
    const action = useService("action");
    return async (record, stageId, onDone) => {
        const [stage] = await orm.read("constituent.case.stage", [stageId], ["status"]);
        const wasClosed = record.data.status === "closed";
        const becomesClosed = stage.status === "closed";
        if (wasClosed === becomesClosed) {
            return false;
        }
        const method = becomesClosed ? "action_close" : "action_reopen";
        const wizard = await orm.call("constituent.case", method, [[record.resId]]);
        await action.doAction(wizard, {onClose: onDone});
        return true;
    };
}
