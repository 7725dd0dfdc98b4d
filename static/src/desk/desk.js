import {
    Component,
    onMounted,
    onWillStart,
    onWillUnmount,
    useEffect,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {getDefaultConfig} from "@web/views/view";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

const REFRESH_MS = 60000;

/**
 * The start page: what waits for a decision, tile by tile, all of it by keyboard.
 *
 * A place is a tile and a row in it, known by key and id.
 */
export class Desk extends Component {
    static template = "constituent_services.Desk";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        useSubEnv({config: {...getDefaultConfig(), ...this.env.config}});
        this.orm = useService("orm");
        this.action = useService("action");
        this.rootRef = useRef("root");
        const kept = this.props.state?.desk || {};
        this.state = useState({
            tiles: [],
            health: [],
            at: "",
            error: "",
            said: "",
            // By key and id, not by position: lists change while somebody works.
            tile: kept.tile || "",
            row: kept.row || 0,
        });
        // What was opened by "next" already.
        this.seen = new Set(kept.seen || []);
        this.focusSoon = true;

        onWillStart(() => this.load());
        onMounted(() => {
            this.timer = setInterval(() => this.refresh(), REFRESH_MS);
        });
        onWillUnmount(() => clearInterval(this.timer));
        useEffect(() => {
            if (this.focusSoon) {
                this.focusSoon = false;
                this.focusPlace();
            }
        });
        useSetupAction({
            getLocalState: () => ({
                desk: {
                    tile: this.state.tile,
                    row: this.state.row,
                    seen: [...this.seen],
                },
            }),
        });
    }

    // Reading

    async load() {
        try {
            const data = await this.orm.silent.call(
                "constituent.desk",
                "desk_data",
                []
            );
            const before = this.counts(this.state.tiles);
            Object.assign(this.state, data, {error: ""});
            this.sayChanges(before);
        } catch (error) {
            // What is on the screen stays; it says that it is old.
            this.state.error = error.data?.message || _t("The server does not answer.");
        }
    }

    refresh() {
        if (document.visibilityState === "visible") {
            return this.load();
        }
    }

    counts(tiles) {
        return Object.fromEntries(tiles.map((tile) => [tile.key, tile.count]));
    }

    /**
     * For whoever does not see the page: only what has changed.
     *
     * @param {Object} before counts by the key of their tile
     */
    sayChanges(before) {
        const changed = this.state.tiles.filter(
            (tile) => tile.key in before && before[tile.key] !== tile.count
        );
        if (changed.length) {
            this.state.said = changed
                .map((tile) => `${tile.label}: ${tile.count}`)
                .join(", ");
        }
    }

    allLabel(tile) {
        return _t("%(label)s: %(count)s, show all", {
            label: tile.label,
            count: tile.count,
        });
    }

    healthTitle(item) {
        return item.is_bad ? _t("Look into it") : _t("All is well");
    }

    // The place

    get tileIndex() {
        const index = this.state.tiles.findIndex(({key}) => key === this.state.tile);
        if (index >= 0) {
            return index;
        }
        return Math.max(
            this.state.tiles.findIndex((tile) => tile.rows.length),
            0
        );
    }

    get rowIndex() {
        const {rows} = this.state.tiles[this.tileIndex];
        const index = rows.findIndex(({id}) => id === this.state.row);
        return index >= 0 ? index : rows.length ? 0 : -1;
    }

    /**
     * Every row there is, in reading order.
     *
     * @returns {Array} pairs of tile and row
     */
    get places() {
        return this.state.tiles.flatMap((tile) => tile.rows.map((row) => [tile, row]));
    }

    isHere(tile, row) {
        return tile.key === this.state.tile && row.id === this.state.row;
    }

    /**
     * One stop for the tab key in each tile.
     */
    tabIndex(tile, row, index) {
        const current = tile.key === this.state.tile;
        const has = current && tile.rows.some(({id}) => id === this.state.row);
        return (has ? row.id === this.state.row : index === 0) ? "0" : "-1";
    }

    goTo(tile, row) {
        this.state.tile = tile.key;
        this.state.row = row ? row.id : 0;
        this.focusSoon = true;
    }

    onFocus(tile, row) {
        if (!this.isHere(tile, row)) {
            this.state.tile = tile.key;
            this.state.row = row.id;
        }
    }

    focusPlace() {
        const tile = this.state.tiles[this.tileIndex];
        if (!tile) {
            return;
        }
        const row = tile.rows[this.rowIndex];
        const selector = row
            ? `[data-tile="${tile.key}"] [data-row="${row.id}"]`
            : `[data-tile="${tile.key}"] .o_desk_all`;
        this.rootRef.el?.querySelector(selector)?.focus();
    }

    move(step) {
        const {places} = this;
        if (!places.length) {
            return;
        }
        const here = places.findIndex(([tile, row]) => this.isHere(tile, row));
        const to = here < 0 ? 0 : Math.min(Math.max(here + step, 0), places.length - 1);
        this.goTo(...places[to]);
    }

    jump(number) {
        const tile = this.state.tiles[number - 1];
        if (tile) {
            this.goTo(tile, tile.rows[0]);
        }
    }

    // Opening

    openRow(tile, row) {
        this.state.tile = tile.key;
        this.state.row = row.id;
        this.seen.add(`${tile.key}:${row.id}`);
        return this.action.doAction(
            {
                type: "ir.actions.act_window",
                name: row.number || row.name,
                res_model: tile.model,
                res_id: row.id,
                views: [[false, "form"]],
            },
            // The form's own pager leads to the next of this tile.
            {props: {resIds: tile.rows.map(({id}) => id)}}
        );
    }

    openNext() {
        const {places} = this;
        const here = Math.max(
            places.findIndex(([tile, row]) => this.isHere(tile, row)),
            0
        );
        const around = [...places.slice(here), ...places.slice(0, here)];
        const next = around.find(
            ([tile, row]) => !this.seen.has(`${tile.key}:${row.id}`)
        );
        if (next) {
            return this.openRow(...next);
        }
        this.seen.clear();
        this.state.said = _t("You have opened them all; the next begins anew.");
    }

    async openAll(tile) {
        if (!tile.action) {
            return;
        }
        this.state.tile = tile.key;
        const action = await this.action.loadAction(tile.action.xml_id);
        return this.action.doAction({
            ...action,
            name: tile.label,
            display_name: tile.label,
            domain: tile.action.domain,
            context: {},
        });
    }

    // Keys

    onKeydown(ev) {
        if (ev.altKey || ev.ctrlKey || ev.metaKey) {
            return;
        }
        const way = {j: 1, ArrowDown: 1, k: -1, ArrowUp: -1}[ev.key];
        if (way) {
            this.move(way);
        } else if (ev.key === "n") {
            this.openNext();
        } else if (/^[1-9]$/.test(ev.key)) {
            this.jump(Number(ev.key));
        } else {
            return;
        }
        ev.preventDefault();
        ev.stopPropagation();
    }
}

registry.category("actions").add("constituent_desk", Desk);
