import {
    Component,
    markup,
    onWillStart,
    useEffect,
    useRef,
    useState,
    useSubEnv,
} from "@odoo/owl";
import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {useHotkey} from "@web/core/hotkeys/hotkey_hook";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {normalize} from "@web/core/l10n/utils";
import {useDebounced} from "@web/core/utils/timing";
import {useService} from "@web/core/utils/hooks";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {getDefaultConfig} from "@web/views/view";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {PhoneDeskCombobox} from "./combobox";

const MODEL = "constituent.case";
const MAX_CATEGORIES = 12;

function newCall() {
    return {
        partner: null,
        isNew: false,
        category: null,
        // The open case that is the same matter, when the caller says so
        sameAs: null,
        // Variable of a question → what the caller answered
        answers: {},
        vals: {
            partner_name: "",
            partner_phone: "",
            partner_email: "",
            language_needed: "",
            identity: "identified",
            name: "",
            details: "",
            street: "",
            city: "",
            zip: "",
            location_note: "",
            priority: "0",
            kind: "request",
            call_back_by: "",
        },
        interpreterUsed: false,
        preview: null,
        error: "",
        saving: false,
        saved: null,
        // The same key never makes a second case: an answer may be lost on the way.
        key: `${Date.now()}-${Math.random().toString(36).slice(2)}`,
    };
}

/**
 * One screen for one telephone call: who is it, what did we tell them, what is it
 * about, what can I promise. Everything by keyboard; nothing typed is lost.
 */
export class PhoneDesk extends Component {
    static template = "constituent_services.PhoneDesk";
    static components = {Layout, PhoneDeskCombobox};
    static props = {...standardActionServiceProps};

    setup() {
        useSubEnv({config: {...getDefaultConfig(), ...this.env.config}});
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.rootRef = useRef("root");
        this.call = useState(newCall());
        this.categories = [];
        this.office = useState({after_hours: false, emergency: "", phone: ""});
        this.focusNext = null;
        this.previewSoon = useDebounced(() => this.loadPreview(), 400);

        onWillStart(async () => {
            [this.categories] = await Promise.all([
                this.orm.call(MODEL, "phone_desk_categories", []),
                this.loadOffice(),
            ]);
            for (const category of this.categories) {
                category.folded = normalize(category.name);
            }
        });
        useHotkey("control+enter", () => this.save(), {
            bypassEditableProtection: true,
        });
        useEffect(() => {
            if (this.focusNext) {
                const el = this.rootRef.el?.querySelector(this.focusNext);
                if (el) {
                    this.focusNext = null;
                    el.focus();
                }
            }
        });
        useSetupAction({
            beforeUnload: (ev) => {
                if (this.isDirty) {
                    ev.preventDefault();
                }
            },
            beforeLeave: () => this.confirmLeave(),
        });
        this.searchConstituent = this.searchConstituent.bind(this);
        this.searchCategory = this.searchCategory.bind(this);
        this.selectConstituent = this.selectConstituent.bind(this);
        this.selectCategory = this.selectCategory.bind(this);
        this.clearCategory = this.clearCategory.bind(this);
    }

    // Who is calling

    async searchConstituent(term) {
        const text = term.trim();
        const found =
            text.length < 2 ? [] : await this.ask("phone_desk_search", [text]);
        const options = found.map((one) => ({...one, icon: "fa-user"}));
        options.push(
            {
                kind: "new",
                name: _t("New constituent: %s", text),
                icon: "fa-user-plus",
            },
            {
                kind: "anonymous",
                name: _t("The caller gives no name"),
                icon: "fa-user-secret",
            }
        );
        return options;
    }

    async selectConstituent(option, term) {
        const {vals} = this.call;
        if (option.kind === "new") {
            this.call.isNew = true;
            this.call.partner = null;
            vals.identity = "identified";
            Object.assign(vals, this.readContact(term));
            this.focusNext = vals.partner_name
                ? "#phone_desk_partner_phone"
                : "#phone_desk_partner_name";
            return;
        }
        if (option.kind === "anonymous") {
            this.call.isNew = false;
            this.call.partner = null;
            vals.identity = "anonymous";
            this.focusNext = "#phone_desk_name";
            return;
        }
        this.call.isNew = false;
        vals.identity = "identified";
        this.call.partner = await this.ask("phone_desk_partner", [option.id]);
        this.focusNext = "#phone_desk_name";
    }

    /**
     * @param {String} term what was typed into the field at the top
     * @returns {Object} the one of name, mail address and telephone that it is
     */
    readContact(term) {
        const text = term.trim();
        if (text.includes("@")) {
            return {partner_email: text};
        }
        if (/^[\d\s()+.-]{4,}$/.test(text)) {
            return {partner_phone: text};
        }
        return {partner_name: text};
    }

    forgetConstituent() {
        this.call.partner = null;
        this.call.isNew = false;
        Object.assign(this.call.vals, {
            identity: "identified",
            partner_name: "",
            partner_phone: "",
            partner_email: "",
            language_needed: "",
        });
        this.focusNext = "#phone_desk_constituent";
    }

    openCase(caseId) {
        this.action.doAction(
            {
                type: "ir.actions.act_window",
                res_model: MODEL,
                res_id: caseId,
                views: [[false, "form"]],
                target: "new",
            },
            {}
        );
    }

    // What it is about

    searchCategory(term) {
        const words = normalize(term).split(/\s+/).filter(Boolean);
        const found = this.categories.filter((category) =>
            words.every((word) => category.folded.includes(word))
        );
        return Promise.resolve(
            found.slice(0, MAX_CATEGORIES).map(({id, name, detail}) => ({
                id,
                name,
                detail,
            }))
        );
    }

    selectCategory(option) {
        this.call.category = {id: option.id, name: option.name};
        this.focusNext = "#phone_desk_street";
        this.loadPreview();
    }

    clearCategory() {
        this.call.category = null;
        this.previewSoon();
    }

    /** @param {{id: number, name: string}} category */
    acceptSuggestion(category) {
        this.call.category = category;
        this.focusNext = "#phone_desk_street";
        this.loadPreview();
    }

    /**
     * The same matter as an open case, or not after all.
     *
     * @param {{id: number}} match
     */
    toggleSame(match) {
        this.call.sameAs = this.call.sameAs === match.id ? null : match.id;
    }

    onAnswer(question, ev) {
        const {target} = ev;
        this.call.answers[question.code] = target.multiple
            ? [...target.selectedOptions].map((option) => option.value)
            : target.value;
    }

    /**
     * @param {{code: string}} question
     * @param {{key: string}} choice
     * @returns {Boolean} whether the caller chose it
     */
    isChosen(question, choice) {
        const given = this.call.answers[question.code];
        return Array.isArray(given) ? given.includes(choice.key) : given === choice.key;
    }

    /** What to tell the caller instead of taking the report, as they answered. */
    get stops() {
        const questions = this.call.preview?.questions || [];
        return questions.flatMap((question) =>
            question.choices
                .filter((choice) => choice.stops && this.isChosen(question, choice))
                .map((choice) => choice.stops)
        );
    }

    copyHomeAddress() {
        Object.assign(this.call.vals, this.call.partner.address);
        this.focusNext = "#phone_desk_location_note";
    }

    onText(name, ev) {
        this.call.vals[name] = ev.target.value;
        this.call.error = "";
        if (["name", "details", "street", "city"].includes(name)) {
            this.previewSoon();
        }
    }

    get information() {
        const {preview} = this.call;
        return preview && preview.information ? markup(preview.information) : "";
    }

    get showHomeAddress() {
        const {partner} = this.call;
        return Boolean(partner && !partner.protected && partner.address.street);
    }

    async loadPreview() {
        const key = this.call.key;
        const vals = this.collect();
        if (!vals.name && !vals.details && !vals.category_id) {
            this.call.preview = null;
            return;
        }
        let preview = null;
        try {
            preview = await this.ask("phone_desk_preview", [vals]);
        } catch (error) {
            // A promise that cannot be worked out must not interrupt the call.
            preview = {
                failed: error.data?.message || _t("The server does not answer."),
            };
        }
        if (this.call.key === key && !this.call.saved) {
            this.call.preview = preview;
            const found = preview.duplicates || [];
            if (!found.some((match) => match.id === this.call.sameAs)) {
                this.call.sameAs = null;
            }
        }
    }

    // Saving

    /**
     * @returns {Object} what was typed, as the server takes it
     */
    collect() {
        const {vals, partner, isNew, category, sameAs, answers} = this.call;
        const given = {};
        for (const [name, value] of Object.entries(vals)) {
            if (value.trim()) {
                given[name] = value.trim();
            }
        }
        if (!isNew) {
            delete given.partner_name;
            delete given.partner_phone;
            delete given.partner_email;
            delete given.language_needed;
        }
        if (given.identity !== "identified") {
            delete given.language_needed;
        }
        if (partner) {
            given.partner_id = partner.id;
        }
        if (category) {
            given.category_id = category.id;
        }
        if (sameAs) {
            given.duplicate_of_id = sameAs;
        }
        if (Object.keys(answers).length) {
            given.answers = {...answers};
        }
        if (this.call.interpreterUsed) {
            given.interpreter_used = true;
        }
        return given;
    }

    get isDirty() {
        const {vals, saved} = this.call;
        return !saved && Boolean(vals.name.trim() || vals.details.trim());
    }

    async save() {
        const {call} = this;
        if (call.saving || call.saved) {
            return;
        }
        // The field that has the focus may not have told its last letter yet.
        const vals = this.collect();
        if (!vals.name && !vals.details) {
            call.error = _t(
                "Type what the call is about: a subject or what they said."
            );
            this.focusNext = "#phone_desk_name";
            return;
        }
        if (!vals.partner_id && !call.isNew && vals.identity === "identified") {
            call.error = _t(
                "Choose the caller at the top, or “The caller gives no name”."
            );
            this.focusNext = "#phone_desk_constituent";
            return;
        }
        call.saving = true;
        call.error = "";
        try {
            call.saved = await this.orm.silent.call(MODEL, "phone_desk_save", [
                vals,
                call.key,
            ]);
            this.focusNext = "#phone_desk_next";
        } catch (error) {
            call.error = _t(
                "Not saved: %s Nothing you typed is lost; try again.",
                error.data?.message || _t("the server does not answer.")
            );
            this.focusNext = "#phone_desk_error";
        } finally {
            call.saving = false;
        }
    }

    nextCall() {
        this.previewSoon.cancel();
        Object.assign(this.call, newCall());
        this.focusNext = "#phone_desk_constituent";
        // The office may have closed since the last call.
        this.loadOffice();
    }

    async loadOffice() {
        Object.assign(this.office, await this.ask("phone_desk_office", []));
    }

    openSaved() {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: MODEL,
            res_id: this.call.saved.id,
            views: [[false, "form"]],
        });
    }

    confirmLeave() {
        if (!this.isDirty) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(
                ConfirmationDialog,
                {
                    title: _t("The call is not saved"),
                    body: _t("Leave and lose what you typed?"),
                    confirmLabel: _t("Leave"),
                    confirm: () => resolve(true),
                    cancelLabel: _t("Stay"),
                    cancel: () => resolve(false),
                },
                {onClose: () => resolve(false)}
            );
        });
    }

    /**
     * Read from the server without the veil over the screen: the clerk types on.
     */
    ask(method, args) {
        return this.orm.silent.call(MODEL, method, args);
    }
}

registry.category("actions").add("constituent_phone_desk", PhoneDesk);
