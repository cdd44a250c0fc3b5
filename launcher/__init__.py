"""`make run`: the engines, the databases, the services and a sample town, until Ctrl-C.

Nothing imports this package but tests; a deployment starts the services itself and brings its own engines.
"""
