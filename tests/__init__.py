from . import (
    test_case_intake,
    test_case_lifecycle,
    test_quality,
    test_roles,
    test_tools_text,
)
from . import test_notice_content
