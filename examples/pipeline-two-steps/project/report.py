import argparse
import json
import os

from azureml.core import Run

parser = argparse.ArgumentParser()
parser.add_argument("--means")
parser.add_argument("--digits", type=int)
args = parser.parse_args()

run = Run.get_context()
with open(os.path.join(args.means, "means.json")) as file:
    means = json.load(file)
for name, value in means.items():
    run.log(f"mean {name}", round(value, args.digits))
with open("outputs/report.txt", "w") as file:
    file.write("\n".join(f"{name}: {round(value, args.digits)}" for name, value in means.items()))
