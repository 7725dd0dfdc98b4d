from . import export, imports, letter_check, main, portal
