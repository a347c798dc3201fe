import argparse
import csv
import json
import os

parser = argparse.ArgumentParser()
parser.add_argument("--measurements")
parser.add_argument("--means")
args = parser.parse_args()

with open(args.measurements) as file:
    rows = list(csv.DictReader(file))

os.makedirs(args.means, exist_ok=True)
with open(os.path.join(args.means, "means.json"), "w") as file:
    json.dump({name: sum(float(row[name]) for row in rows) / len(rows) for name in rows[0]}, file)
print("prepared", len(rows), "rows")
