from . import intake, text
