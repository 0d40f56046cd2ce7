//! `pack.toml`, as an editor is told about it. What each key means is said in the words of `docs/manifest.md`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

use super::words::{
    AnyEngine, DashedName, Filled, Iri, ItemName, PackPath, ParameterName, PluginLimits, PrefixName, RuleName, Sha256,
    StageEngine, VariableName, Version,
};
use crate::grants::Grant;
use crate::pack::LintLevel;
use crate::pack::manifest::MAX_STAGES;

/// The manifest of a template pack.
#[derive(JsonSchema)]
#[schemars(title = "pack.toml", deny_unknown_fields)]
pub(super) struct Manifest {
    /// What the pack is.
    pack: Pack,
    /// What the pack asks for, in the order of declaration.
    variables: Option<BTreeMap<VariableName, Variable>>,
    /// Which files become which outputs.
    templates: Option<Vec<Template>>,
    /// Components that the pack brings along.
    plugins: Option<BTreeMap<DashedName, Plugin>>,
    /// How much each rule matters in this pack. A user's `packbox.toml` comes before it.
    lints: Option<BTreeMap<RuleName, LintLevel>>,
    /// Other packs that this one needs: they are generated together with it.
    dependencies: Option<BTreeMap<DashedName, Dependency>>,
    /// The graph that queries ask.
    ontology: Option<Ontology>,
    /// What the graph has to be like: shapes in SHACL.
    shapes: Option<Shapes>,
    /// Named queries: their answers are values, beside those of the variables.
    queries: Option<BTreeMap<VariableName, Query>>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Pack {
    /// 1 to 64 of `a-z`, `0-9` and `-`, the first not `-`.
    name: DashedName,
    /// A SemVer version, for instance `0.1.0`.
    version: Version,
    /// A name for people.
    title: Option<Filled>,
    /// What one gets.
    description: Option<Filled>,
    /// Where a catalogue lists it.
    category: Option<Filled>,
    /// An SPDX expression; not checked.
    license: Option<Filled>,
    /// Who wrote it.
    authors: Option<Vec<String>>,
    /// Words to find it by.
    keywords: Option<Vec<String>>,
    /// The versions of packbox that it works with, for instance `>=0.1, <0.2`.
    packbox: Option<String>,
    /// A file to show after generation: rendered if its extension is an engine's; text, never run.
    message: Option<PackPath>,
    /// Files that templates of every engine may include, whatever their extension and whoever claims them.
    partials: Option<Vec<PackPath>>,
}

/// What a pack asks for.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, transform = by_type)]
struct Variable {
    /// What its values are; which other keys there are depends on it.
    r#type: VariableType,
    /// The question; a variable that has one is asked for on a terminal, even if it has a default.
    prompt: Option<Filled>,
    /// More about it, shown with the question.
    help: Option<Filled>,
    /// The value where nothing else gives one; not for secrets.
    default: Option<Value>,
    /// Shown in messages and with the question; never taken by itself.
    example: Option<Value>,
    /// An expression that gives the value where the user does not; not beside `default`.
    compute: Option<Filled>,
    /// The variable of another pack that this one takes its value from where both are generated together, for instance
    /// `base.crate_name`; the other is one of the `dependencies`.
    #[schemars(extend("pattern" = r"^[a-z0-9][a-z0-9-]{0,63}\.[a-z_][a-z0-9_]{0,63}$"))]
    from: Option<String>,
    /// For a `list`, beside `from`: how the other list and this one's own become one: `replace` (default), `append`, `union` or
    /// `merge-by:KEY`.
    #[schemars(extend("pattern" = r"^(?:replace$|append$|union$|merge-by:[\s\S]*\S)"))]
    merge: Option<String>,
    /// An expression, true or false: whether the variable matters.
    when: Option<Filled>,
    /// For a `string`: a regular expression that any part of the value may match; write `^…$` for the whole.
    pattern: Option<String>,
    /// For a `string`: the fewest characters.
    min_length: Option<u64>,
    /// For a `string`: the most characters.
    max_length: Option<u64>,
    /// For a `string`: whether a terminal takes several lines.
    multiline: Option<bool>,
    /// For an `integer` or a `number`: the least value.
    min: Option<f64>,
    /// For an `integer` or a `number`: the greatest value.
    max: Option<f64>,
    /// For a `choice`, and required there: the values; each once.
    #[schemars(extend("minItems" = 1))]
    choices: Option<Vec<Choice>>,
    /// For a `list`: what its items are.
    items: Option<ItemName>,
    /// For a `list`: the fewest items.
    min_items: Option<u64>,
    /// For a `list`: the most items.
    max_items: Option<u64>,
    /// For a `list`: whether no item may be there twice.
    unique: Option<bool>,
}

/// What the values of a variable are.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum VariableType {
    /// Text.
    String,
    /// Whole numbers of 64 bits.
    Integer,
    /// Finite numbers.
    Number,
    /// `true` or `false`.
    Boolean,
    /// One of the texts in `choices`.
    Choice,
    /// A list; `items` says of what.
    List,
    /// Text that is not shown or stored.
    Secret,
    /// The path of a file of the user's, with statements for the queries.
    Graph,
}

/// The keys of every variable.
const OF_ALL: [&str; 8] = ["type", "prompt", "help", "example", "compute", "from", "merge", "when"];

/// Says which keys a variable of each type has, and what its default and its example are.
fn by_type(schema: &mut Schema) {
    let types: [(&str, &[&str], Value); 8] = [
        ("string", &["default", "pattern", "min_length", "max_length", "multiline"], json!({ "type": "string" })),
        ("integer", &["default", "min", "max"], json!({ "type": "integer" })),
        ("number", &["default", "min", "max"], json!({ "type": "number" })),
        ("boolean", &["default"], json!({ "type": "boolean" })),
        ("choice", &["default", "choices"], json!({ "type": "string" })),
        ("list", &["default", "items", "min_items", "max_items", "unique"], json!({ "type": "array" })),
        ("secret", &[], json!({ "type": "string" })),
        ("graph", &["default"], json!({ "type": "string" })),
    ];
    let rules = types.into_iter().map(|(name, keys, value)| {
        let mut then = json!({
            "propertyNames": { "enum": OF_ALL.iter().chain(keys).collect::<Vec<_>>() },
            "properties": { "default": value, "example": value },
        });
        if name == "choice" {
            then["required"] = json!(["choices"]);
        }
        if name == "integer" {
            for bound in ["min", "max"] {
                then["properties"][bound] = json!({ "type": "integer" });
            }
        }
        json!({ "if": { "properties": { "type": { "const": name } }, "required": ["type"] }, "then": then })
    });
    schema.insert("allOf".to_owned(), rules.collect());
    // Either gives the value.
    schema.insert("not".to_owned(), json!({ "required": ["compute", "default"] }));
}

/// A value, and what to show instead of it.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Choice {
    Value(String),
    Labelled(Labelled),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Labelled {
    /// The value.
    value: String,
    /// What to show instead of it.
    label: Option<Filled>,
}

/// A file or a folder of the pack, and what it becomes.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Template {
    /// A file, or a folder, which stands for every file below it.
    source: PackPath,
    /// Where the output goes; may hold `{{ expressions }}`. Required for a file; for a folder, absent or `.` means the output
    /// folder.
    output: Option<Filled>,
    /// An expression, true or false: whether there is an output at all.
    when: Option<Filled>,
    /// The name of a variable of type `list`, or of a query: one output for each item or row, bound to `item`.
    for_each: Option<Filled>,
    /// What renders it; else what the extension says.
    engine: Option<AnyEngine>,
    /// Handed to the engine as it is; dates become strings.
    options: Option<Map<String, Value>>,
    /// A chain: engines that render the outputs in turn.
    #[schemars(extend("maxItems" = MAX_STAGES))]
    then: Option<Vec<Stage>>,
    /// What to do where the output exists, or where another pack writes it too.
    on_conflict: Option<OnConflict>,
    /// Whether the output is executable. Default: the source's own bit; for a plugin, what the plugin says.
    executable: Option<bool>,
}

/// What renders the outputs of the stage before.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Stage {
    Engine(StageEngine),
    WithOptions(StageWithOptions),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct StageWithOptions {
    /// What renders.
    engine: StageEngine,
    /// Handed to the engine as it is.
    options: Option<Map<String, Value>>,
}

#[derive(JsonSchema)]
#[schemars(untagged, extend("default" = "own"))]
enum OnConflict {
    Word(PolicyWord),
    Merging(Merging),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
enum PolicyWord {
    /// The pack owns the file.
    Own,
    /// Written only where nothing stands; then it belongs to the user.
    CreateOnce,
    /// TOML: what all packs want is merged, key by key.
    MergeToml,
    /// JSON, with or without comments: what all packs want is merged, key by key.
    MergeJson,
    /// YAML: what all packs want is merged, key by key.
    MergeYaml,
    /// Lines that are not there yet are added.
    AppendLines,
    /// Each pack has a marked section of its own.
    Region,
}

/// How what several packs want a file to be is merged.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Merging {
    /// One of the merger's policies, for instance `merge-toml`.
    policy: DashedName,
    /// The plugin of this pack that merges; else the merger that packbox has.
    plugin: Option<DashedName>,
    /// Handed to the merger as they are.
    options: Option<Map<String, Value>>,
}

/// A component that the pack brings along.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Plugin {
    /// The component's file.
    component: PackPath,
    /// The file's SHA-256, 64 lower-case hexadecimal digits; required to use it: the error says what it is.
    sha256: Option<Sha256>,
    /// What the plugin needs beyond its arguments.
    grants: Option<Vec<Grant>>,
    /// The limits that it asks for; a user's may be lower.
    limits: Option<PluginLimits>,
}

/// Which versions of another pack will do.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Dependency {
    Requirement(String),
    Detailed(DetailedDependency),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct DetailedDependency {
    /// Which versions will do, for instance `^1.0`.
    version: String,
    /// Whether the pack works without it.
    optional: Option<bool>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Ontology {
    /// Globs over the pack's files; the extension says how statements are written: `.ttl`, `.trig`, `.nt`, `.nq`, `.rdf`, `.owl` or
    /// `.xml`.
    files: Option<Vec<PackPath>>,
    /// What relative IRIs are relative to, where a file or a query does not say so itself.
    base: Option<Iri>,
    /// Prefixes that all queries may use without declaring them.
    prefixes: Option<BTreeMap<PrefixName, Iri>>,
}

/// What the graph has to be like.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Shapes {
    /// Globs over the pack's files.
    files: Option<Vec<PackPath>>,
}

/// A query in SPARQL.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("oneOf" = [{ "required": ["file"] }, { "required": ["text"] }]))]
struct Query {
    /// The file that holds it.
    file: Option<PackPath>,
    /// The query itself.
    text: Option<Filled>,
    /// Variables of the query that have a value from the beginning, each with the expression that gives it.
    parameters: Option<BTreeMap<ParameterName, Parameter>>,
    /// The named graph that what a `CONSTRUCT` gives becomes, for other queries to ask.
    graph: Option<Iri>,
    /// Whether it decides if anything is generated: an `ASK` has to be true, a `SELECT` has to have no rows.
    gate: Option<bool>,
    /// For a gate: what is said of each row, or of an `ASK` that is false; a template that sees the row as `item`.
    message: Option<Filled>,
    /// For a gate: how much it matters; only an error refuses.
    severity: Option<GateSeverity>,
}

/// The value of a variable of a query.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Parameter {
    /// An expression: a text, an integer, a number or a boolean becomes a literal of that type; null, no value.
    Literal(Filled),
    /// An IRI.
    Iri(IriParameter),
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct IriParameter {
    /// An expression that gives an IRI.
    iri: Filled,
}

/// How much a gate matters.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase", extend("default" = "error"))]
enum GateSeverity {
    /// Nothing is generated.
    Error,
    /// It is told, and files are generated.
    Warning,
    /// It is told, and files are generated.
    Info,
}
