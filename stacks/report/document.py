"""A report for programs."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from stacks.report.changes import Change, Operation
from stacks.report.endpoint import EndpointReport
from stacks.report.report import PoolReport, Report

VERSION = 1
"""Of its form: another one where a key goes or means something else."""


def document(report: Report) -> dict[str, Any]:
    """JSON values. USD are text, with their digits; null is what is not known. No input of a resource is in it."""
    return {
        "version": VERSION,
        "stack": report.stack,
        "ok": report.ok,
        "compared_with": report.compared_with,
        "usd_per_hour": {"before": _usd(report.usd_per_hour_before), "after": _usd(report.usd_per_hour)},
        "prices_of": list(report.price_dates),
        "faults": [asdict(fault) for fault in report.faults],
        "errors": list(report.errors),
        "policies": [
            {
                "rule": result.rule,
                "level": str(result.level),
                "resource": result.resource,
                "message": result.message,
                "excepted": None if result.exemption is None else str(result.exemption),
            }
            for result in report.policies
        ],
        "warnings": list(report.warnings),
        "endpoints": [_endpoint(one) for one in report.endpoints],
        "pools": [_pool(one) for one in report.pools],
        "changes": [_change(one) for one in report.changes if one.operation is not Operation.SAME],
    }


def _usd(usd: Decimal | None) -> str | None:
    return None if usd is None else f"{usd:.4f}"


def _endpoint(one: EndpointReport) -> dict[str, Any]:
    return {
        "name": one.name,
        "state": str(one.state),
        "before": one.before and one.before.document,
        "after": one.after and one.after.document,
        "differences": [asdict(difference) for difference in one.differences],
        "usd_per_hour": {"before": _usd(one.usd_per_hour_before), "after": _usd(one.usd_per_hour)},
        "fits": one.fits,
        "longest_context_tokens": one.longest_context_tokens,
        "full_length_requests": one.full_length_requests and round(one.full_length_requests, 3),
        "repairs": list(one.repairs),
        "consequences": list(one.consequences),
        "warnings": list(one.warnings),
    }


def _pool(one: PoolReport) -> dict[str, Any]:
    return {
        "name": one.name,
        "nodes": {"before": one.nodes_before, "after": one.nodes},
        "usd_per_hour": _usd(one.usd_per_hour),
        "idle_usd_per_hour": _usd(one.idle_usd_per_hour),
        "note": one.note,
        "consequences": list(one.consequences),
    }


def _change(one: Change) -> dict[str, Any]:
    return {
        "operation": str(one.operation),
        "type": one.resource.type,
        "name": one.resource.name,
        "urn": one.resource.urn,
        "owner": one.owner,
        "properties": list(one.properties),
    }
