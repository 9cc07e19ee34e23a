"""A process that says why it cannot start, and ends: what the tests of the fleet start."""

import sys

sys.exit("the policy is not valid")
