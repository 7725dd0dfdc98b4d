from . import intake, logs, notice, projection, text, throttle
