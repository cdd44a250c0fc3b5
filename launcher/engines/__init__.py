"""The engines that `make run` and the tests stand on: PostgreSQL and the Kafka protocol, embedded or real.

The services never import this package: they are given addresses and do not know which engine answers.
"""
