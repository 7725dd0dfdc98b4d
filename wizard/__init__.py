from . import (
    constituent_call_wizard,
    constituent_case_close_wizard,
    constituent_case_hand_over_wizard,
    constituent_case_reopen_wizard,
    constituent_district_import_wizard,
    constituent_import_wizard,
    constituent_office_settings,
    constituent_correspondence_reason_wizard,
)
