"""Evidence that people attach: pictures and PDF files, stored as content with its hash, without the place they show."""
