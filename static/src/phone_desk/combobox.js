import {Component, useEffect, useRef, useState} from "@odoo/owl";
import {useDebounced} from "@web/core/utils/timing";

/**
 * A text field with a list of proposals below it, worked by keyboard: type, arrow
 * down or up, Enter. Escape shuts the list and keeps what was typed.
 */
export class PhoneDeskCombobox extends Component {
    static template = "constituent_services.PhoneDeskCombobox";
    static props = {
        id: String,
        label: String,
        placeholder: {type: String, optional: true},
        // The text shown when nothing is being typed
        value: {type: String, optional: true},
        autofocus: {type: Boolean, optional: true},
        big: {type: Boolean, optional: true},
        // (term) => Promise<[{id, name, detail, kind}]>
        search: Function,
        onSelect: Function,
        // Called when the field is emptied
        onClear: {type: Function, optional: true},
    };

    setup() {
        this.inputRef = useRef("input");
        this.state = useState({
            term: this.props.value || "",
            options: [],
            active: 0,
            open: false,
            searching: false,
        });
        this.searchNumber = 0;
        this.searchSoon = useDebounced(() => this.search(), 200);
        useEffect(
            (value) => {
                this.state.term = value || "";
            },
            () => [this.props.value]
        );
        useEffect(
            (autofocus) => {
                if (autofocus) {
                    this.inputRef.el.focus();
                }
            },
            () => [this.props.autofocus]
        );
    }

    get listId() {
        return `${this.props.id}_list`;
    }

    get activeId() {
        return this.state.open && this.state.options.length
            ? `${this.props.id}_option_${this.state.active}`
            : undefined;
    }

    async search() {
        const number = ++this.searchNumber;
        const {term} = this.state;
        this.state.searching = true;
        try {
            const options = await this.props.search(term);
            // An answer that was overtaken by a later question is dropped.
            if (number === this.searchNumber) {
                Object.assign(this.state, {options, active: 0, open: true});
            }
        } finally {
            if (number === this.searchNumber) {
                this.state.searching = false;
            }
        }
    }

    shut() {
        this.searchNumber++;
        Object.assign(this.state, {open: false, options: [], searching: false});
    }

    select(option) {
        this.searchSoon.cancel();
        this.shut();
        this.state.term = option.kind ? this.state.term : option.name;
        this.props.onSelect(option, this.state.term);
    }

    onInput(ev) {
        this.state.term = ev.target.value;
        if (this.state.term.trim()) {
            this.searchSoon();
        } else {
            this.searchSoon.cancel();
            this.shut();
            this.props.onClear?.();
        }
    }

    async onKeydown(ev) {
        if (ev.isComposing || ev.ctrlKey || ev.altKey || ev.metaKey) {
            return;
        }
        const {options, open} = this.state;
        const step = {ArrowDown: 1, ArrowUp: -1}[ev.key];
        if (step) {
            ev.preventDefault();
            if (open && options.length) {
                this.state.active =
                    (this.state.active + step + options.length) % options.length;
                this.scrollToActive();
            } else {
                this.search();
            }
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            if (this.state.term.trim() && !open) {
                this.searchSoon.cancel();
                await this.search();
            } else if (open && options.length) {
                this.select(options[this.state.active]);
            }
        } else if (ev.key === "Escape" && open) {
            ev.preventDefault();
            ev.stopPropagation();
            this.shut();
        }
    }

    onBlur() {
        this.searchSoon.cancel();
        this.shut();
        if (this.props.value !== undefined && this.props.onClear) {
            this.state.term = this.props.value || "";
        }
    }

    scrollToActive() {
        const list = this.inputRef.el.parentElement.querySelector("[role=listbox]");
        list?.children[this.state.active]?.scrollIntoView({block: "nearest"});
    }
}
