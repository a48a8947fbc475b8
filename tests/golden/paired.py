"""Reference values for comparisons of two audits, by scipy and statsmodels. Writes tests/golden/paired.json.

pip install scipy statsmodels; python tests/golden/paired.py
"""

import json
import pathlib

import numpy as np
import scipy
import statsmodels
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.weightstats import ttost_paired

random = np.random.default_rng(20260401)
cases = []
for items, documents in [(6, 6), (40, 40), (60, 12), (200, 37), (25, 2)]:
    document = np.sort(random.integers(0, documents, items)) if documents < items else np.arange(items)
    shift = random.normal(0, 0.1, documents)[document % documents]
    before = np.clip(random.beta(4, 2, items), 0, 1)
    now = np.clip(before + shift + random.normal(0, 0.08, items), 0, 1)
    before, now = np.round(before, 4), np.round(now, 4)
    flagged_before, flagged_now = before < 0.45, now < 0.45
    faithful = (~flagged_now).astype(float) - (~flagged_before).astype(float)
    groups = len(set(document))

    def robust(difference):
        fitted = sm.OLS(difference, np.ones(items)).fit(cov_type="cluster", cov_kwds={"groups": document}, use_t=True)
        return float(fitted.params[0]), float(fitted.bse[0])

    def detectable(error):
        return float((stats.t.ppf(0.975, groups - 1) + stats.t.ppf(0.8, groups - 1)) * error)

    def interval(difference):
        sums = np.array([[difference[document == d].sum(), (document == d).sum()] for d in sorted(set(document))])
        drawn = random.integers(0, groups, (200_000, groups))
        means = sums[drawn, 0].sum(axis=1) / sums[drawn, 1].sum(axis=1)
        return [float(x) for x in np.quantile(means, [0.025, 0.975])]

    newly = int((flagged_now & ~flagged_before).sum())
    no_longer = int((flagged_before & ~flagged_now).sum())
    table = [[0, newly], [no_longer, 0]]
    probability, probability_error = robust(now - before)
    share, share_error = robust(faithful)
    margins = [0.02, 0.05, 0.1, 0.3]
    by_t = [
        float(stats.t.sf((share + m) / share_error, groups - 1)) if share_error > 0 else (0.0 if share + m > 0 else 1.0)
        for m in margins
    ]
    case = {
        "before": before.tolist(),
        "now": now.tolist(),
        "document": document.tolist(),
        "probability": {"mean": probability, "error": probability_error, "interval": interval(now - before)},
        "faithful": {"mean": share, "error": share_error, "interval": interval(faithful)},
        "detectable": detectable(probability_error),
        "newly_flagged": newly,
        "no_longer_flagged": no_longer,
        "mcnemar": float(mcnemar(table, exact=True).pvalue),
        "margins": margins,
        "not_worse_by": [max(p, (1 - m) ** groups) for p, m in zip(by_t, margins)],
    }
    if groups == items:
        # Each item by itself: the usual paired test of not being worse.
        one_sided = ttost_paired(1.0 - flagged_now, 1.0 - flagged_before, -0.1, 10)[1][1]
        case["ttost_lower_0.1"] = None if np.isnan(one_sided) else float(one_sided)
    cases.append(case)

golden = {"scipy": scipy.__version__, "statsmodels": statsmodels.__version__, "cases": cases}
path = pathlib.Path(__file__).with_name("paired.json")
path.write_text(json.dumps(golden, indent=1) + "\n")
