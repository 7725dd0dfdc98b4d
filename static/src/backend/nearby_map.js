/* global L */
import {Component, onMounted, onWillStart, onWillUnmount, useRef} from "@odoo/owl";
import {Dialog} from "@web/core/dialog/dialog";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const MIN_ZOOM = 12;
const MAX_ZOOM = 19;

/** Text goes into the map as text: names come from anybody. */
function element(tag, className, text = "") {
    const node = document.createElement(tag);
    node.className = className;
    node.textContent = text;
    return node;
}

/** A case and what lies around it, on a map to move about in. */
export class NearbyMap extends Component {
    static template = "constituent_services.NearbyMap";
    static components = {Dialog};
    static props = {
        caseId: Number,
        open: Function,
        sameAs: {type: Function, optional: true},
        close: Function,
    };

    setup() {
        this.orm = useService("orm");
        this.canvas = useRef("canvas");
        this.title = _t("What Lies Nearby");
        onWillStart(async () => {
            this.places = await this.orm.call("constituent.case", "nearby_places", [
                [this.props.caseId],
            ]);
        });
        onMounted(() => this.draw());
        onWillUnmount(() => this.map && this.map.remove());
    }

    get hereText() {
        return _t(
            "This case, and the %(metres)s m within which the same is looked for",
            {
                metres: this.places.radius,
            }
        );
    }

    draw() {
        this.map = L.map(this.canvas.el, {
            zoomControl: false,
            minZoom: MIN_ZOOM,
            maxZoom: MAX_ZOOM,
        });
        this.map.attributionControl.setPrefix(false);
        L.control
            .zoom({zoomInTitle: _t("Closer"), zoomOutTitle: _t("Further away")})
            .addTo(this.map);
        L.control.scale().addTo(this.map);
        this.drawGround();
        const {here, radius, same, others} = this.places;
        const bounds = L.latLng(here).toBounds(2 * radius);
        same.forEach((one) => bounds.extend(one.place));
        this.map.fitBounds(bounds.pad(0.2), {maxZoom: 18, animate: false});
        L.circle(here, {radius, className: "o_constituent_map_circle"}).addTo(this.map);
        others.forEach((one) => this.caseMark(one, "").addTo(this.map));
        this.mark(here, "o_constituent_map_here").addTo(this.map);
        same.forEach((one) => this.caseMark(one, one.label).addTo(this.map));
    }

    /** What is under it: the map service's tiles where there are any, and the boundaries. */
    drawGround() {
        const {tiles, boundaries} = this.places;
        if (tiles) {
            L.tileLayer(tiles.url, {
                attribution: element("span", "", tiles.attribution).innerHTML,
                maxZoom: MAX_ZOOM,
                // The service is told who asks, not which case is open.
                referrerPolicy: "strict-origin",
            }).addTo(this.map);
        }
        for (const {name, lines} of boundaries) {
            L.polyline(lines, {className: "o_constituent_map_boundary"})
                .bindTooltip(element("span", "", name), {sticky: true})
                .addTo(this.map);
        }
    }

    mark(place, className, text = "") {
        const icon = L.divIcon({
            className: `o_constituent_map_mark ${className}`,
            html: element("span", "", text),
            iconSize: null,
        });
        return L.marker(place, {icon, keyboard: Boolean(text), alt: text});
    }

    caseMark(one, label) {
        const className = label ? "o_constituent_map_same" : "o_constituent_map_other";
        const mark = this.mark(one.place, className, label);
        mark.bindTooltip(element("span", "", `${one.number} ${one.name}`));
        mark.bindPopup(() => this.popup(one, label), {minWidth: 180});
        mark.on("popupopen", () => mark.closeTooltip());
        return mark;
    }

    popup(one, label) {
        const box = element("div", "o_constituent_map_popup");
        box.append(
            element("div", "fw-bold", one.number),
            element("div", "text-break", one.name),
            element("div", "text-muted mb-2", one.how || one.category)
        );
        box.append(
            this.button("btn-secondary", _t("Open"), () => this.props.open(one))
        );
        if (label && this.props.sameAs) {
            box.append(
                this.button("btn-primary ms-1", _t("Same Matter"), () => {
                    this.props.close();
                    this.props.sameAs(one);
                })
            );
        }
        return box;
    }

    button(className, text, run) {
        const node = element("button", `btn btn-sm ${className}`, text);
        node.type = "button";
        node.addEventListener("click", run);
        return node;
    }
}

/** The button that opens the map of a saved case. */
export class NearbyMapButton extends Component {
    static template = "constituent_services.NearbyMapButton";
    static props = {...standardWidgetProps};

    setup() {
        this.dialog = useService("dialog");
        this.action = useService("action");
    }

    open() {
        this.dialog.add(NearbyMap, {
            caseId: this.props.record.resId,
            open: (one) => openCase(this.action, one.id),
        });
    }
}

/** Open another case in front of this one. */
export function openCase(action, id) {
    return action.doAction({
        type: "ir.actions.act_window",
        res_model: "constituent.case",
        res_id: id,
        views: [[false, "form"]],
        target: "new",
    });
}

registry.category("view_widgets").add("constituent_map_button", {
    component: NearbyMapButton,
});
