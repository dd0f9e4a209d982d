"""The policy pack's rules over one stack: what they know of it, and what it says about them."""

from collections.abc import Sequence
from datetime import date

from nim_policy import EndpointFacts, Exemption, Level, Planned, Result, StackFacts, Terms, evaluate
from pulumi_nim.eks.node_group import CapacityType, EksNodeGroup
from pulumi_nim.gpu_node_pool import BackEnd, ExistingNodes
from pulumi_nim.karpenter.nodes import KarpenterNodes, Market
from stacks.cost import cost_of
from stacks.existing import for_gpus
from stacks.lighter import saving
from stacks.plan import EndpointPlan, Plan
from stacks.pools import most_nodes


def judged(plan: Plan, resources: Sequence[Planned], today: date) -> tuple[Result, ...]:
    """What in the planned `resources` of a stack breaks its rules. `today` decides which exceptions still hold."""
    return evaluate(resources, facts_of(plan), terms_of(plan), today)


def facts_of(plan: Plan) -> StackFacts:
    cost = cost_of(plan)
    return StackFacts(
        endpoints={one.name: _endpoint_facts(one, plan.pools[one.pool]) for one in plan.endpoints},
        usd_per_hour=cost.usd_per_hour,
        unpriced=tuple(
            one.pool
            for one in cost.pools
            if one.usd_per_hour is None and not isinstance(plan.pools[one.pool], ExistingNodes)
        ),
        ceiling_usd_per_hour=plan.policy.usd_per_hour,
    )


def terms_of(plan: Plan) -> Terms:
    return Terms(
        levels={name: Level(level) for name, level in plan.policy.levels.items()},
        exemptions=tuple(
            Exemption(rule=one.rule, resource=one.resource, reason=one.reason, until=one.until)
            for one in plan.policy.exceptions
        ),
    )


def _endpoint_facts(endpoint: EndpointPlan, pool: BackEnd) -> EndpointFacts:
    return EndpointFacts(
        profile=endpoint.profile.name,
        gpu_count=endpoint.profile.gpu_count if for_gpus(endpoint.profile) else 0,
        start_up_seconds=endpoint.start_up_seconds,
        node_count=most_nodes(pool),
        spot=_spot_alone(pool),
        lighter=saving(endpoint.fit, endpoint.lighter) if endpoint.fit and endpoint.lighter else None,
    )


def _spot_alone(pool: BackEnd) -> bool:
    match pool:
        case EksNodeGroup():
            return pool.capacity_type is CapacityType.SPOT
        case KarpenterNodes():
            return {*pool.markets} == {Market.SPOT}
        case _:
            return False
