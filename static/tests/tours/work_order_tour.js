import {registry} from "@web/core/registry";

/* global DataTransfer */

// A work order on a telephone, 390 pixels wide: dispatched at the desk's end of the
// street, begun, ticked, photographed and done by the crew.
const TASK = ".o_field_widget[name=task_ids] .o_kanban_record";

const pressOnTask = (task, button) => [
    {
        content: `${task}: ${button}`,
        trigger: `${TASK}:contains(${task}) button:contains(/^${button}$/)`,
        run: "click",
    },
];

registry.category("web_tour.tours").add("constituent_work_order", {
    steps: () => [
        {
            content: "The draft opens with its place",
            trigger: ".o_field_widget[name=street] input:value(100 Main Street)",
        },
        {
            content: "Dispatch",
            trigger: ".o_statusbar_buttons button[name=action_dispatch]",
            run: "click",
        },
        {
            content: "A button for a thumb begins the work",
            trigger: ".o_constituent_street button[name=action_start]:visible",
            run: "click",
        },
        {
            content: "It is in progress",
            trigger: ".o_constituent_street button[name=action_done]:visible",
        },
        {
            content: "Nothing is cut off at the side",
            trigger: ".o_form_view",
            run() {
                const {scrollWidth, clientWidth} = document.documentElement;
                if (scrollWidth > clientWidth) {
                    throw new Error(`${scrollWidth} px wide on ${clientWidth}`);
                }
            },
        },
        ...pressOnTask("Close the lane", "Done"),
        {trigger: `${TASK}:contains(Close the lane):has(.text-success)`},
        ...pressOnTask("Move the hydrant cap", "Not Needed"),
        {trigger: `${TASK}:contains(Move the hydrant cap):contains(Not needed)`},
        ...pressOnTask("Fill the hole", "Done"),
        {trigger: `${TASK}:contains(Fill the hole):has(.text-success)`},
        {
            content: "What was done, and a photo",
            trigger: ".o_notebook a[name=report]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=report] textarea",
            run: "edit We filled the hole.",
        },
        {
            trigger:
                ".o_field_widget[name=after_photo_ids] input[type=file]:not(:visible)",
            async run() {
                const canvas = document.createElement("canvas");
                canvas.width = canvas.height = 40;
                const blob = await new Promise((resolve) => {
                    canvas.toBlob(resolve, "image/jpeg");
                });
                const files = new DataTransfer();
                files.items.add(new File([blob], "after.jpg", {type: "image/jpeg"}));
                this.anchor.files = files.files;
                this.anchor.dispatchEvent(new Event("change", {bubbles: true}));
            },
        },
        {trigger: ".o_field_widget[name=after_photo_ids] .o_attachment"},
        {
            trigger: ".o_constituent_street button[name=action_done]:visible",
            run: "click",
        },
        {
            content: "It is done",
            trigger: ".o_form_view:not(:has(.o_constituent_street:visible))",
        },
        {
            trigger:
                ".o_arrow_button_current:contains(Done), .o_statusbar_status:contains(Done)",
        },
    ],
});
