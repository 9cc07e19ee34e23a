"""A process that is ready at once and runs until it is stopped, for the tests of service processes."""

import signal

print('{"event": "ready"}', flush=True)
signal.pause()
