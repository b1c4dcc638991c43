"""The HTML kit of reports and pages: markup with all text escaped, charts, the style sheet."""
