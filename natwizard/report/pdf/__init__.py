"""The parts of the PDF report: fonts, text, blocks, table, pages."""
