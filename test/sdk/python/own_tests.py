"""Runs tests of the library's source package and tells each one's verdict: {name: "passed", or what went wrong}."""

import json
import logging
import sys
import unittest


class Verdicts(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.by_name = {}

    def note(self, test, verdict):
        self.by_name[test.id().split(".")[-1]] = verdict

    def addSuccess(self, test):
        self.note(test, "passed")

    def addError(self, test, error):
        self.note(test, self._exc_info_to_string(error, test))

    def addFailure(self, test, error):
        self.note(test, self._exc_info_to_string(error, test))

    def addSkip(self, test, reason):
        self.note(test, "skipped: " + reason)


source, target = sys.argv[1:]
sys.path.insert(0, source)
suite = unittest.defaultTestLoader.loadTestsFromName(target)
# The tests log every request on stderr.
logging.disable(logging.CRITICAL)
verdicts = Verdicts()
suite.run(verdicts)
print(json.dumps(verdicts.by_name))
