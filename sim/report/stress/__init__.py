"""The STRESS-DES statement of a study, as Markdown."""
