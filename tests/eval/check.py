"""Reads the cases that build/tests/tool/cases prints and computes them with scikit-learn and SciPy."""
import json
import sys

import numpy as np
from scipy.spatial.distance import jensenshannon
from scipy.special import log_softmax, softmax
from scipy.stats import beta, entropy, t, ttest_ind
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score, roc_curve

worst = {}


def meet(name, ours, theirs, tolerance):
    error = float(np.max(np.abs(np.asarray(ours) - np.asarray(theirs))))
    worst[name] = max(worst.get(name, 0.0), error)
    if not error <= tolerance:
        sys.exit(f"{name}: {ours} here, {theirs} there")


def check_auc(case):
    score = case["member"] + case["nonmember"]
    truth = [1] * len(case["member"]) + [0] * len(case["nonmember"])
    meet("auc", case["auc"], roc_auc_score(truth, score), 1e-12)
    fpr, tpr, _ = roc_curve(truth, score, drop_intermediate=False)
    meet("roc", [case["fpr"], case["tpr"]], [fpr, tpr], 1e-12)


def check_outputs(case):
    labels = np.array(case["labels"])
    now = np.array(case["now"]).reshape(len(labels), -1)
    retrain = np.array(case["retrain"]).reshape(now.shape)
    p, q = softmax(now, axis=1), softmax(retrain, axis=1)
    meet("accuracy", case["accuracy"], accuracy_score(labels, now.argmax(axis=1)), 1e-15)
    meet("loss", case["loss"], log_loss(labels, p, labels=range(now.shape[1])), 1e-10)
    meet("loss by log-softmax", case["loss"],
         -log_softmax(now, axis=1)[np.arange(len(labels)), labels].mean(), 1e-12)
    meet("kl", case["kl"], entropy(q, p, axis=1).mean(), 1e-11)
    meet("js", case["js"], (jensenshannon(p, q, axis=1) ** 2).mean(), 1e-11)
    meet("churn", case["churn"], (now.argmax(axis=1) != retrain.argmax(axis=1)).mean(), 1e-15)


def check_logistic(case):
    x = np.array(case["x"]).reshape(-1, case["d"])
    fit = LogisticRegression(C=case["c"], tol=1e-12, max_iter=10000).fit(x, case["labels"])
    meet("logistic", case["w"], np.append(fit.coef_[0], fit.intercept_), 1e-4)


def check_share(case):
    k, n = case["hits"], case["n"]
    meet("clopper-pearson", case["low"], beta.ppf(0.025, k, n - k + 1) if k else 0, 1e-10)
    meet("clopper-pearson", case["high"], beta.ppf(0.975, k + 1, n - k) if k < n else 1, 1e-10)


def check_welch(case):
    now, retrain = np.array(case["now"]), np.array(case["retrain"])
    test = ttest_ind(now, retrain, equal_var=False)
    meet("welch z", case["z"], test.statistic, 1e-9)
    meet("welch p", case["p"], test.pvalue, 1e-10)
    parts = [x.var(ddof=1) / len(x) for x in (now, retrain)]
    freedom = sum(parts) ** 2 / sum(v * v / (len(x) - 1) for v, x in zip(parts, (now, retrain)))
    reach = t.ppf(0.95, freedom) * np.sqrt(sum(parts))
    off = now.mean() - retrain.mean()
    meet("welch interval", [case["low"], case["high"]], [off - reach, off + reach], 1e-7)
    meet("t quantile", t.cdf(case["quantile"], case["freedom"]), case["level"], 1e-11)


checks = {"auc": check_auc, "outputs": check_outputs, "logistic": check_logistic,
          "share": check_share, "welch": check_welch}
count = 0
for line in sys.stdin:
    case = json.loads(line)
    checks[case["case"]](case)
    count += 1
if count < 100:
    sys.exit(f"only {count} cases")
print(f"{count} cases; largest differences:",
      ", ".join(f"{name} {error:.1e}" for name, error in worst.items()))
