"""The cluster under test: real infrastructure and service processes that can be killed, frozen, and reached through proxies."""
