"""The settings of an installation whose API counts no requests: thousands of them come from one address."""

from movierec import settings as installed

for name in dir(installed):
    if name.isupper():
        globals()[name] = getattr(installed, name)

rates = installed.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
globals()["REST_FRAMEWORK"] = installed.REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(rates, "100000/sec")
}
