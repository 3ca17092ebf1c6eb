"""The lines of the legacy port for one person alone, which answer no word."""

TOLD = {"report": b"* Your report was looked at. Thank you.\n"}
