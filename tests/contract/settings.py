"""Settings of an installation whose API counts no requests, as thousands come from one address, and
hashes passwords quickly, as hundreds are wrong on purpose."""

from movierec import settings as installed

for name in dir(installed):
    if name.isupper():
        globals()[name] = getattr(installed, name)

rates = installed.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]
globals()["REST_FRAMEWORK"] = installed.REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(rates, "100000/sec")
}
globals()["PASSWORD_HASHERS"] = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # of the accounts that the tests make
]
