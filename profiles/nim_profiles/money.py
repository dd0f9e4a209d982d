"""US dollars, and the month that they are counted by."""

from decimal import Decimal

HOURS_PER_MONTH = 730
"""AWS's own month: 8760 hours a year by 12."""


def money(usd: Decimal) -> str:
    """`$4.53`; more digits only where they count: `$0.8048`, `$1,234.00`."""
    whole = f"{usd:,.2f}"
    exact = f"{usd.normalize():,f}"
    return f"${exact if len(exact) > len(whole) else whole}"
