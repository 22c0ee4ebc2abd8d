"""A Salesforce organisation on this machine: a real HTTP server for tests, the demo and the benchmark.

Written from the public contract of the API, strict about what a real organisation refuses.
"""
