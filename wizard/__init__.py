from . import (
    constituent_case_agency_wizard,
    constituent_case_close_wizard,
    constituent_case_part_wizard,
    constituent_case_same_wizard,
    constituent_case_decline_wizard,
    constituent_case_hand_over_wizard,
    constituent_case_reopen_wizard,
    constituent_district_import_wizard,
    constituent_import_wizard,
    constituent_office_settings,
    constituent_try_rules_wizard,
    constituent_correspondence_reason_wizard,
)
