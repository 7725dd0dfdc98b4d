from . import export, imports, main, portal
