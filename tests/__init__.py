from . import test_case_intake, test_roles, test_tools_text
