from . import test_case_intake
