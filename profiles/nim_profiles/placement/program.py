"""A mixed-integer linear program, solved by HiGHS to proven optimality: one thread, one seed, no gap."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

INFINITY = highspy.kHighsInf
OPTIONS = {
    "output_flag": False,
    "threads": 1,
    "random_seed": 0,
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 1e-7,
    "mip_feasibility_tolerance": 1e-9,
}


class SolverFailed(RuntimeError):
    """HiGHS ended with something else than an optimum or a proof that there is none."""


@dataclass(slots=True)
class Program:
    """Columns are integers from 0 on; minimised is their cost."""

    costs: list[float] = field(default_factory=list)
    uppers: list[float] = field(default_factory=list)
    rows: list[tuple[float, float, Mapping[int, float]]] = field(default_factory=list)

    def column(self, cost: float = 0.0, upper: float = INFINITY) -> int:
        self.costs.append(cost)
        self.uppers.append(upper)
        return len(self.costs) - 1

    def row(self, lower: float, upper: float, coefficients: Mapping[int, float]) -> None:
        self.rows.append((lower, upper, coefficients))

    def solve(self) -> tuple[int, ...] | None:
        """The value of every column, or None where nothing meets all rows."""
        solver = self._solved(highspy.HighsVarType.kInteger)
        return None if solver is None else tuple(round(value) for value in solver.getSolution().col_value)

    def relaxed(self) -> tuple[float, tuple[float, ...]]:
        """Least cost where columns may be fractions, and the dual value of every row."""
        solver = self._solved(highspy.HighsVarType.kContinuous)
        if solver is None:
            raise SolverFailed("HiGHS: nothing meets all rows")
        return solver.getObjectiveValue(), tuple(solver.getSolution().row_dual)

    def _solved(self, kind: highspy.HighsVarType) -> Any:  # Any: highspy leaves the class untyped
        linear = highspy.HighsLp()
        linear.num_col_, linear.num_row_ = len(self.costs), len(self.rows)
        linear.col_cost_, linear.col_upper_ = np.array(self.costs), np.array(self.uppers)
        linear.col_lower_ = np.zeros(len(self.costs))
        linear.row_lower_ = np.array([lower for lower, _, _ in self.rows])
        linear.row_upper_ = np.array([upper for _, upper, _ in self.rows])
        linear.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        linear.a_matrix_.start_ = np.cumsum([0, *(len(row) for *_, row in self.rows)])
        linear.a_matrix_.index_ = np.array([column for *_, row in self.rows for column in row])
        linear.a_matrix_.value_ = np.array([value for *_, row in self.rows for value in row.values()], dtype=float)
        linear.integrality_ = [kind] * len(self.costs)
        solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]  # as said above
        for name, value in OPTIONS.items():
            solver.setOptionValue(name, value)
        solver.passModel(linear)
        solver.run()
        status = solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return None
        if status != highspy.HighsModelStatus.kOptimal:
            raise SolverFailed(f"HiGHS: {solver.modelStatusToString(status)}")
        return solver
