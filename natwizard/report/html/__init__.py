"""The parts of the HTML report: markup, style sheet, glyphs, chart."""
