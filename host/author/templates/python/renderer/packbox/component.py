"""What `packbox plugin build` makes a component of: the ABI above, `plugin.py` below. Nothing to change here."""

import json

import packbox
import plugin
from componentize_py_types import Err, Ok, Result
from translate import diagnostic, failure, set_up_log
from wit_world import exports
from wit_world.exports import renderer as abi
from wit_world.imports.types import Failure, File, Reads

set_up_log()


class Renderer(exports.Renderer):
    """The interface `renderer`."""

    def inspect(self, template: File) -> abi.TemplateInfo:
        """Says what a template refers to."""
        try:
            inspect = getattr(plugin, "inspect", lambda template: packbox.TemplateInfo())
            info = inspect(packbox.PackFile(template.path, template.contents))
            return abi.TemplateInfo(sorted(set(info.variables)), sorted(set(info.partials)), sorted(set(info.blocks)))
        except Exception as error:
            raise Err(failure(error))

    def render(
        self, context: bytes, partials: list[File], jobs: list[abi.Job]
    ) -> list[Result[abi.Rendered, Failure]]:
        """Renders a batch."""
        return [outcome(context, partials, job) for job in jobs]


def outcome(context: bytes, partials: list[File], job: abi.Job) -> Result[abi.Rendered, Failure]:
    """Renders one template. The context is parsed for each: what a job changes in it, no other sees."""
    try:
        local = json.loads(job.locals)
        files = [packbox.PackFile(file.path, file.contents) for file in partials]
        template = packbox.PackFile(job.template.path, job.template.contents)
        wanted = packbox.Job(template, local, json.loads(job.options))
        made = packbox.rendered(plugin.render(wanted, {**json.loads(context), **local}, files))
        return Ok(
            abi.Rendered(
                [output(one) for one in made.outputs],
                Reads([], [], []),
                [diagnostic(note, "note") for note in made.notes],
            )
        )
    except Exception as error:
        return Err(failure(error))


def output(made: packbox.Output) -> abi.Output:
    """Translates a file."""
    contents = made.contents.encode() if isinstance(made.contents, str) else bytes(made.contents)
    return abi.Output(made.path, contents, made.executable)
