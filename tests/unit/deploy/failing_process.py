"""A process that prints why it cannot start and exits, for the tests of service processes."""

import sys

sys.exit("the policy is not valid")
