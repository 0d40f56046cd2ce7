"""What `packbox plugin build` makes a component of: the ABI above, `plugin.py` below. Nothing to change here."""

import json

import packbox
import plugin
from componentize_py_types import Err, Ok, Result
from translate import diagnostic, failure, set_up_log
from wit_world import exports
from wit_world.exports import merger as abi
from wit_world.imports.types import Failure, Position

set_up_log()


class Merger(exports.Merger):
    """The interface `merger`."""

    def policies(self) -> list[abi.Policy]:
        """Lists the policies."""
        return [
            abi.Policy(
                policy.name, policy.summary, policy.help or policy.summary, json.dumps(dict(policy.options)).encode()
            )
            for policy in plugin.POLICIES
        ]

    def merge(self, jobs: list[abi.Job]) -> list[Result[abi.Outcome, Failure]]:
        """Merges a batch."""
        return [outcome(job) for job in jobs]


def outcome(job: abi.Job) -> Result[abi.Outcome, Failure]:
    """Merges one file."""
    try:
        defaults = {policy.name: policy.options for policy in plugin.POLICIES}.get(job.policy)
        if defaults is None:
            raise packbox.Unsupported(f"the policy `{job.policy}`")
        sides = [packbox.PackFile(side.owner, side.contents) for side in job.sides]
        options = {**defaults, **json.loads(job.options)}
        made = plugin.merge(packbox.MergeJob(job.path, job.policy, sides, options, job.base))
        if isinstance(made, packbox.Merged):
            return Ok(abi.Outcome_Merged(merged(made)))
        return Ok(abi.Outcome_Conflicts([conflict(one, [side.path for side in sides]) for one in made]))
    except Exception as error:
        return Err(failure(error))


def merged(made: packbox.Merged) -> abi.Merged:
    """Translates a file and whose it is."""
    parts = [abi.Part(start, end, list(owners)) for start, end, owners in made.parts]
    return abi.Merged(bytes(made.contents), parts, [diagnostic(note, "note") for note in made.notes])


def conflict(found: packbox.Conflict, owners: list[str]) -> abi.Conflict:
    """Translates a conflict."""
    places = [
        abi.Place(
            owners.index(span.path),
            Position(span.start.line, span.start.column),
            span.end and Position(span.end.line, span.end.column),
        )
        for span in found.places
    ]
    return abi.Conflict(found.subject, found.message, found.help, places)
