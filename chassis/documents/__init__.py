"""Papers for people: one template of typst gives the page for a browser and the PDF for the printer."""
