"""Layouts of the files that bureaus and the national system exchange: headings, not readers."""
