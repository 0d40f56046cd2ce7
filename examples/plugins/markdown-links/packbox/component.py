"""What `packbox plugin build` makes a component of: the ABI above, `plugin.py` below. Nothing to change here."""

import json

import packbox
import plugin
from componentize_py_types import Err
from translate import diagnostic, failure, set_up_log, severity
from wit_world import exports
from wit_world.exports import validator as abi
from wit_world.imports.types import Diagnostic

set_up_log()


class Validator(exports.Validator):
    """The interface `validator`."""

    def rules(self) -> list[abi.Rule]:
        """Lists the rules."""
        return [
            abi.Rule(
                rule.id,
                rule.summary,
                severity(rule.severity),
                rule.help or rule.summary,
                json.dumps(dict(rule.options)).encode(),
                list(rule.files),
            )
            for rule in plugin.RULES
        ]

    def check(self, subject: abi.Subject, options: bytes) -> list[Diagnostic]:
        """Checks a pack against all rules."""
        try:
            files = [packbox.PackFile(file.path, file.contents) for file in subject.files]
            pack = packbox.Pack(json.loads(subject.manifest), json.loads(subject.facts), files)
            rules = {rule.id: rule for rule in plugin.RULES}
            found = list(plugin.check(pack, packbox.rule_options(plugin.RULES, options)))
            for one in found:
                if one.rule not in rules:
                    raise ValueError(f"a finding names the rule `{one.rule}`, which is not in RULES")
            return [diagnostic(one, rules[one.rule].severity) for one in found]
        except Exception as error:
            raise Err(failure(error))
