"""The papers of identification and elimination: the notice in the village, the application form, the decision letter.

Each is a frozen dataclass that says what stands in it; its template in templates/ holds the words. They are in
Chinese, for the households and for the file.
"""
