"""All rules, in the order in which they are told."""

from nim_policy.rules import (
    cache_claim,
    cost_ceiling,
    disruption_budget,
    exceptions,
    gpu_share,
    image_digest,
    lighter_precision,
    pinned_profile,
    plain_key,
    pod_security,
    request_logs,
    shared_memory,
    spot_alone,
    start_up_budget,
)

RULES = (
    pinned_profile.RULE,
    image_digest.RULE,
    gpu_share.RULE,
    shared_memory.RULE,
    cache_claim.RULE,
    disruption_budget.RULE,
    pod_security.RULE,
    plain_key.RULE,
    request_logs.RULE,
    start_up_budget.RULE,
    cost_ceiling.RULE,
    spot_alone.RULE,
    lighter_precision.RULE,
    exceptions.RULE,
)
