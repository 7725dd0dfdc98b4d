from . import (
    test_case_guard,
    test_case_identity,
    test_case_intake,
    test_case_lifecycle,
    test_delivery_access,
    test_delivery_sender,
    test_notice_content,
    test_notice_queue,
    test_notice_spanish,
    test_subscription,
    test_tools_notice,
    test_log_filter,
    test_portal_cases,
    test_portal_refused,
    test_public_link,
    test_public_projection,
    test_public_style,
    test_public_throttle,
    test_quality,
    test_roles,
    test_tools_text,
)
from . import (
    test_inbound_gateway,
    test_inbound_mail,
    test_inbound_register,
    test_inbound_speed,
    test_mail_gate,
    test_replies,
    test_tools_mail,
)
from . import test_demo
from . import (
    test_contact_rights,
    test_correspondence,
    test_correspondence_rights,
    test_letter_pdf,
    test_letter_salutation,
    test_letter_tools,
    test_sealed,
)
from . import test_close_reopen, test_phone_desk, test_tours, test_views
