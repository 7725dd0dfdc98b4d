import {registry} from "@web/core/registry";
import {stepUtils} from "@web_tour/tour_utils";

// A coordinator opens the first case in triage by keyboard, and comes back to the place.
registry.category("web_tour.tours").add("constituent_desk", {
    steps: () => [
        ...stepUtils.goToAppSteps("constituent_services.menu_root"),
        {
            content: "The app opens with the desk, the cursor on the first that waits",
            trigger: ".o_constituent_desk [data-tile=triage] .o_desk_row:first:focus",
        },
        {
            trigger: "[data-tile=triage] .o_desk_count:contains(2)",
        },
        {
            trigger: "[data-tile=reply_after_closing]:contains(Nothing waits here)",
        },
        {
            content: "Down one",
            trigger: "[data-tile=triage] .o_desk_row:focus",
            run: "press j",
        },
        {
            trigger: "[data-tile=triage] .o_desk_row_here:contains(Second in triage)",
        },
        {
            content: "And up again",
            trigger: "[data-tile=triage] .o_desk_row:focus",
            run: "press ArrowUp",
        },
        {
            content: "Open it by keyboard",
            trigger: ".o_desk_row_here:focus:contains(First in triage)",
            run: "press n",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=number]:contains(-)",
        },
        {
            content: "The form's pager leads on to the next of the tile",
            trigger: ".o_pager:contains(1 / 2)",
        },
        {
            content: "Back to the desk",
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains(Desk)",
            run: "click",
        },
        {
            content: "Where one was",
            trigger: ".o_desk_row_here:focus:contains(First in triage)",
            run: "press n",
        },
        {
            content: "The next one opens the next",
            trigger:
                ".o_form_view .o_field_widget[name=name] textarea:value(Second in triage)",
        },
        {
            trigger: ".o_breadcrumb .o_back_button, .breadcrumb-item a:contains(Desk)",
            run: "click",
        },
        {
            content: "A number jumps to its tile",
            trigger: ".o_desk_row_here:focus:contains(Second in triage)",
            run: "press 3",
        },
        {
            trigger: "[data-tile=unassigned] .o_desk_row_here:focus",
        },
        {
            content: "The whole list",
            trigger: "[data-tile=triage] .o_desk_all",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains(First in triage)",
        },
    ],
});
