"""Views of a report, and nothing but a report: JSON, PDF, HTML, text, JUnit."""
