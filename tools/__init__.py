from . import authentication, bounce, intake, logs, mail, notice, projection, quotes, text, throttle
