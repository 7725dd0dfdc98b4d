import {stepUtils} from "@web_tour/tour_utils";

// From the start page to the list of all cases.
export const openAllCases = () => [
    ...stepUtils.goToAppSteps("constituent_services.menu_root"),
    {
        trigger: "[data-menu-xmlid='constituent_services.menu_cases']",
        run: "click",
    },
    {
        trigger: "[data-menu-xmlid='constituent_services.menu_case_all']",
        run: "click",
    },
];
