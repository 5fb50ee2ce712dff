"""Reads a folder of reports and says what is wrong where, and who has to act."""
