import logging


class OneLine(logging.Formatter):
    """One record, one line: what a visitor typed cannot forge a second record. Tracebacks keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\r", "\\r").replace("\n", "\\n")
