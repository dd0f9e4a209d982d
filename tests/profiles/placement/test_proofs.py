from nim_profiles.placement.objections import Pods, Resources
from nim_profiles.placement.proofs import Misfit, PriceList, proof_of

NODE: Resources = (8, 100, 100, 100)


def test_pods_that_leave_gaps_are_proven_not_to_fit_by_prices() -> None:
    proof = proof_of(NODE, {0: (Pods(1, (1, 60, 0, 0)), 3), 1: (Pods(1, (1, 10, 0, 0)), 1)}, 2)
    assert isinstance(proof, PriceList)
    assert proof.price((1, 60, 0, 0)) == 1
    assert proof.price((1, 59, 99, 99)) < 1
    assert proof.price((2, 61, 0, 0)) == 1  # needs no less, so it is worth no less


def test_where_prices_do_not_suffice_the_replicas_to_blame_are_named() -> None:
    triangle = [(1, 60, 40, 40), (1, 40, 60, 40), (1, 40, 40, 60)]
    needs: list[Resources] = [(a, b, c, d) for a, b, c, d in triangle]
    counted = {number: (Pods(1, need), 1) for number, need in enumerate(needs)} | {3: (Pods(1, (1, 45, 45, 45)), 3)}
    assert proof_of(NODE, counted, 3) == Misfit(NODE, {0: 1, 1: 1, 2: 1, 3: 3}, 3)
    innocent = counted | {4: (Pods(1, (0, 0, 0, 1)), 1)}
    assert proof_of(NODE, innocent, 3) == Misfit(NODE, {0: 1, 1: 1, 2: 1, 3: 3}, 3)
