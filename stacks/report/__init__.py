"""What a change of a stack comes to, as one value with four renderings: terminal, Markdown, JSON and a page."""

from stacks.report.before import Before
from stacks.report.document import document
from stacks.report.events import EnginePreview, engine_preview, parse_events
from stacks.report.markdown import markdown
from stacks.report.page import page
from stacks.report.report import Report, refused, report_of
from stacks.report.terminal import terminal

__all__ = [
    "Before",
    "EnginePreview",
    "Report",
    "document",
    "engine_preview",
    "markdown",
    "page",
    "parse_events",
    "refused",
    "report_of",
    "terminal",
]
