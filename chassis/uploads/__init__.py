"""Files that come in: CSV from the socket to COPY with flat memory, XLSX through a process of its own.

Import what you need from its module; this package imports nothing, so that the spreadsheet worker starts light.
"""
