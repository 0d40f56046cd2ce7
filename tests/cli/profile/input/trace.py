"""Checks that a trace is what viewers of the Trace Event Format read: complete events, stages within runs, calls on workers."""

import json
import sys

events = json.load(open(sys.argv[1]))["traceEvents"]
spans = [event for event in events if event["ph"] == "X"]
assert all(event["dur"] >= 0 and event["ts"] >= 0 for event in spans)
runs = [event for event in spans if event["name"] == "run"]
assert len(runs) == 2, runs
stages = [event["args"]["name"] for event in spans if event["name"] == "stage"]
assert stages == 2 * ["load", "prepare", "values", "plan", "render", "commit"], stages
for stage in (event for event in spans if event["name"] == "stage"):
    within = [run for run in runs if run["ts"] <= stage["ts"] and stage["ts"] + stage["dur"] <= run["ts"] + run["dur"] + 1]
    assert len(within) == 1, stage
calls = [event for event in spans if event["name"] == "call"]
assert any(call["args"]["plugin"] == "jinja" and call["tid"] == 1 for call in calls), calls
assert sorted({event["tid"] for event in events}) == [0, 1]
