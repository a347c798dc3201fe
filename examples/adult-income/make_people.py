"""Writes people.csv: two thousand made-up people and whether they earn more than 50,000 a year.

Nobody in it exists: every value is drawn by chance, and the income follows from the others with much noise.
"""

import sys

import numpy as np
import pandas as pd

ROWS = 2000
SCHOOLS = {"HS-grad": 9, "Some-college": 10, "Assoc": 12, "Bachelors": 13, "Masters": 14, "Doctorate": 16}
JOBS = ["Craft", "Clerical", "Sales", "Service", "Exec-managerial", "Prof-specialty"]
MARRIED = ["Married", "Never-married", "Divorced"]
EMPLOYERS = ["Private", "Self-employed", "Local-gov", "Federal-gov"]


def make_people(rows: int = ROWS, seed: int = 50) -> pd.DataFrame:
    random = np.random.RandomState(seed)
    school = random.choice(list(SCHOOLS), rows, p=[0.35, 0.25, 0.1, 0.18, 0.09, 0.03])
    people = pd.DataFrame(
        {
            "age": random.randint(17, 80, rows),
            "workclass": random.choice(EMPLOYERS, rows, p=[0.7, 0.12, 0.12, 0.06]),
            "education": school,
            "education-num": [SCHOOLS[name] for name in school],
            "marital-status": random.choice(MARRIED, rows, p=[0.5, 0.33, 0.17]),
            "occupation": random.choice(JOBS, rows),
            "capital-gain": np.where(random.rand(rows) < 0.08, random.randint(500, 20000, rows), 0),
            "hours-per-week": np.clip(random.normal(40, 10, rows).round(), 5, 90),
        }
    )
    pull = (
        0.35 * (people["education-num"] - 11)
        + 0.9 * people["marital-status"].eq("Married")
        + 0.8 * people["occupation"].isin(JOBS[4:])
        + 0.0003 * people["capital-gain"]
        + 0.04 * (people["hours-per-week"] - 40)
        - 0.0015 * (people["age"] - 50) ** 2
        + random.logistic(size=rows)
    )
    people["income"] = np.where(pull > 0.6, ">50K", "<=50K")
    for column, share in (("workclass", 0.06), ("occupation", 0.06), ("hours-per-week", 0.03)):
        people.loc[random.rand(rows) < share, column] = None
    return people


if __name__ == "__main__":
    make_people().to_csv(sys.argv[1] if len(sys.argv) > 1 else "people.csv", index=False)
