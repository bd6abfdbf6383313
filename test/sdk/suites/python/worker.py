"""Runs test modules of a library's source package, one per line of stdin, without changing them.

Only those are run whose name contains the second argument. For each test there is a line of JSON on stdout, and one with "done" after each module.
"""

import json
import logging
import os
import random
import sys
import time
import unittest

import requests

# Waiting for the service to be consistent: the emulator always is.
LONGEST_SLEEP_SEC = 0.05
# The sleep is what these tests are about: a modification time in whole seconds, credentials which expire.
SLEEP_IN_REAL_TIME = {
    "test_file_changed_mtime",
    "test_ecs_ram_role_credentials_expire",
    "test_ecs_ram_role_credentials_provider",
}
NOT_IMPLEMENTED = 501

real_sleep = time.sleep
real_choice = random.choice
real_send = requests.Session.send

running_name = ""
refusals = []


def sleep(seconds):
    real_sleep(seconds if running_name in SLEEP_IN_REAL_TIME else min(seconds, LONGEST_SLEEP_SEC))


def choice(candidates):
    """Where a test draws its bucket, the one whose keys are kept by KMS is not drawn: there is no KMS here."""
    if isinstance(candidates, list):
        candidates = [candidate for candidate in candidates if not needs_kms(candidate)] or candidates
    return real_choice(candidates)


def needs_kms(candidate):
    return type(getattr(candidate, "crypto_provider", None)).__name__ == "AliKMSProvider"


def send(session, request, **options):
    response = real_send(session, request, **options)
    if response.status_code == NOT_IMPLEMENTED:
        refusals.append(response.text)
    return response


def allow_names_of_old_python():
    """Names of unittest that Python 3.12 does not have; tests use them."""
    for old, new in (("assertEquals", "assertEqual"), ("assertNotEquals", "assertNotEqual"), ("assert_", "assertTrue")):
        if not hasattr(unittest.TestCase, old):
            setattr(unittest.TestCase, old, getattr(unittest.TestCase, new))


def tests_in(suite):
    for member in suite:
        if isinstance(member, unittest.TestSuite):
            yield from tests_in(member)
        else:
            yield member


class Reporter(unittest.TestResult):
    def __init__(self, say):
        super().__init__()
        self.say = say
        self.reason = None

    def startTest(self, test):
        global running_name
        super().startTest(test)
        running_name = test.id().split(".")[-1]
        # What a test draws does not depend on which others run, or in which order.
        random.seed(test.id())
        refusals.clear()
        self.reason = None

    def addError(self, test, error):
        self.reason = self._exc_info_to_string(error, test)
        if not isinstance(test, unittest.TestCase):
            # A failure in setUpClass or on import has no stopTest.
            self.tell(test)

    addFailure = addError

    def addSkip(self, test, reason):
        self.reason = "skipped: " + reason

    def stopTest(self, test):
        super().stopTest(test)
        self.tell(test)

    def tell(self, test):
        # tests.test_object.TestObject.test_object -> test_object.TestObject.test_object
        name = ".".join(test.id().split(".")[-3:])
        self.say({"test": name, "reason": self.reason, "refusals": list(refusals)})


def main():
    source, only = sys.argv[1:]
    sys.path.insert(0, source)
    # Whatever a test prints goes to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)

    def say(message):
        print(json.dumps(message), file=answers, flush=True)

    time.sleep = sleep
    random.choice = choice
    requests.Session.send = send
    allow_names_of_old_python()
    for line in sys.stdin:
        module = line.strip()
        suite = unittest.TestSuite(
            test for test in tests_in(unittest.defaultTestLoader.loadTestsFromName(module)) if only in test.id()
        )
        # On import the tests let the root logger write everything, which takes longer than the requests.
        logging.getLogger().setLevel(logging.CRITICAL)
        suite.run(Reporter(say))
        say({"done": module})


main()
