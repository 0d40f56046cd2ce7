//! All data-driven cases in one harness. `cargo test --release --test cases -- FILTER` runs some of them; `BLESS=1`
//! rewrites what command-line cases expect.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test that can not go on has failed"
)]

#[path = "support/answer_cases.rs"]
mod answer_cases;
#[path = "support/answer_safety_cases.rs"]
mod answer_safety_cases;
#[path = "support/answer_user.rs"]
mod answer_user;
#[path = "support/answering.rs"]
mod answering;
#[path = "support/archive_cases.rs"]
mod archive_cases;
#[path = "support/asking_cases.rs"]
mod asking_cases;
#[path = "support/cache_cases.rs"]
mod cache_cases;
#[path = "support/call_cases.rs"]
mod call_cases;
#[path = "support/cancel_cases.rs"]
mod cancel_cases;
#[path = "support/ceiling_cases.rs"]
mod ceiling_cases;
#[path = "support/chain_cases.rs"]
mod chain_cases;
#[path = "support/cli_cases.rs"]
mod cli_cases;
#[path = "support/combined_cases.rs"]
mod combined_cases;
#[path = "support/compose_cases.rs"]
mod compose_cases;
#[path = "support/compose_given_cases.rs"]
mod compose_given_cases;
#[path = "support/compose_load_cases.rs"]
mod compose_load_cases;
#[path = "support/determinism_cases.rs"]
mod determinism_cases;
#[path = "support/document_cases.rs"]
mod document_cases;
#[path = "support/embed_cases.rs"]
mod embed_cases;
#[path = "support/engine_cases.rs"]
mod engine_cases;
#[path = "support/engine_corpus.rs"]
mod engine_corpus;
#[path = "support/file_cases.rs"]
mod file_cases;
#[path = "support/guest_cases.rs"]
mod guest_cases;
#[path = "support/guests.rs"]
mod guests;
#[path = "support/help_cases.rs"]
mod help_cases;
#[path = "support/honest_cases.rs"]
mod honest_cases;
#[path = "support/hostile_cases.rs"]
mod hostile_cases;
#[path = "support/jinja2_cases.rs"]
mod jinja2_cases;
#[path = "support/kill_cases.rs"]
mod kill_cases;
#[path = "support/lock_cases.rs"]
mod lock_cases;
#[path = "support/merger_cases.rs"]
mod merger_cases;
#[path = "support/oci_cases.rs"]
mod oci_cases;
#[path = "support/oci_hostile_cases.rs"]
mod oci_hostile_cases;
#[path = "support/once_cases.rs"]
mod once_cases;
#[path = "support/packs_cases.rs"]
mod packs_cases;
#[path = "support/page_cases.rs"]
mod page_cases;
#[path = "support/plan_cases.rs"]
mod plan_cases;
#[path = "support/planned_cases.rs"]
mod planned_cases;
#[path = "support/policy_cases.rs"]
mod policy_cases;
#[path = "support/portal_cases.rs"]
mod portal_cases;
#[path = "support/process.rs"]
mod process;
#[path = "support/project_cases.rs"]
mod project_cases;
#[path = "support/query_cases.rs"]
mod query_cases;
#[path = "support/registry_advice_cases.rs"]
mod registry_advice_cases;
#[path = "support/registry_cases.rs"]
mod registry_cases;
#[path = "support/registry_hostile_cases.rs"]
mod registry_hostile_cases;
#[path = "support/registry_vendor_cases.rs"]
mod registry_vendor_cases;
#[path = "support/report_cases.rs"]
mod report_cases;
#[path = "support/room_cases.rs"]
mod room_cases;
#[path = "support/rule_cases.rs"]
mod rule_cases;
#[path = "support/scene.rs"]
mod scene;
#[path = "support/schemas.rs"]
mod schemas;
#[path = "support/sdk_cases.rs"]
mod sdk_cases;
#[path = "support/shared_file_cases.rs"]
mod shared_file_cases;
#[path = "support/smith_cases.rs"]
mod smith_cases;
#[path = "support/source_cases.rs"]
mod source_cases;
#[path = "support/sparql_cases.rs"]
mod sparql_cases;
#[path = "support/standing_cases.rs"]
mod standing_cases;
#[path = "support/terminal.rs"]
mod terminal;
#[path = "support/terminal_cases.rs"]
mod terminal_cases;
#[path = "support/text_cases.rs"]
mod text_cases;
#[path = "support/trace_cases.rs"]
mod trace_cases;
#[path = "support/validate_cases.rs"]
mod validate_cases;
#[path = "support/wasi_cases.rs"]
mod wasi_cases;
#[path = "support/wit_cases.rs"]
mod wit_cases;

use std::collections::BTreeSet;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let child = kill_cases::child().or_else(scene::child).or_else(portal_cases::child);
    if let Some(exit) = child {
        return exit;
    }
    let mut trials = Vec::new();
    for name in cli_cases::names() {
        trials.push(trial(&format!("cli/{name}"), move || cli_cases::run(&name)));
    }
    for name in terminal_cases::names() {
        trials.push(trial(&format!("terminal/{name}"), move || terminal_cases::run(&name)));
    }
    for name in guests::names() {
        trials.push(trial(&format!("guest/{name}"), move || guest_cases::run(&name)));
    }
    trials.push(trial("coverage", coverage));
    trials.push(trial("engine/neighbours", engine_cases::neighbours));
    trials.push(trial("engine/next-call-works", engine_cases::next_call_works));
    trials.push(trial("engine/instances-forget", engine_cases::instances_forget));
    trials.push(trial("engine/rendered-often", engine_cases::rendered_often));
    trials.push(trial("engine/bytes-that-are-no-component", engine_cases::bytes_that_are_no_component));
    trials.push(trial("engine/compile-forbidden", engine_cases::compile_forbidden));
    trials.push(trial("engine/unconfined-is-refused", engine_cases::unconfined_is_refused));
    trials.push(trial("engine/fuel-is-the-same", engine_cases::fuel_is_the_same));
    trials.push(trial("engine/without-address-space", engine_cases::without_address_space));
    trials.push(trial("engines/tera", engine_corpus::tera));
    trials.push(trial("engines/handlebars", engine_corpus::handlebars));
    trials.push(trial("engines/liquid", engine_corpus::liquid));
    trials.push(trial("engines/jinja2", jinja2_cases::table));
    trials.push(trial("engines/deep-templates", engine_corpus::deep_templates));
    trials.push(trial("smith/made-up-modules", smith_cases::made_up_modules));
    trials.extend(registry_cases::ALL.iter().map(|(name, case)| trial(name, *case)));
    trials.extend(oci_cases::ALL.iter().map(|(name, case)| {
        trial(name, *case).with_ignored_flag(!oci_cases::OWN.contains(name) && !oci_cases::available())
    }));
    trials.extend(compose_given_cases::ALL.iter().map(|(name, case)| trial(name, *case)));
    trials.extend(document_cases::ALL.iter().map(|(name, case)| trial(name, *case)));
    trials.extend(archive_cases::ALL.iter().map(|(name, case)| trial(name, *case)));
    let embedded = embed_cases::ALL
        .iter()
        .chain(&compose_cases::ALL)
        .chain(&compose_load_cases::ALL)
        .chain(&cancel_cases::ALL)
        .chain(&portal_cases::ALL)
        .chain(&plan_cases::ALL)
        .chain(&page_cases::ALL)
        .chain(&asking_cases::ALL);
    trials.extend(once_cases::ALL.iter().chain(embedded).map(|(name, case)| trial(name, *case)));
    trials.extend(planned_cases::ALL.iter().map(|(name, case)| trial(name, *case)));
    trials.push(trial("help/examples", help_cases::examples));
    trials.push(trial("determinism/jobs-batches-isolation", determinism_cases::same_trees_and_receipts));
    trials.push(trial("determinism/plan-and-apply", determinism_cases::plan_and_apply));
    trials.push(trial("size/nested-terms", determinism_cases::nested_terms));
    trials.push(trial("size/path-template", determinism_cases::path_template));
    trials.push(trial("size/context", determinism_cases::context));
    let together =
        policy_cases::ALL.iter().chain(&combined_cases::ALL).chain(&standing_cases::ALL).chain(&shared_file_cases::ALL);
    trials.extend(together.map(|(name, case)| trial(name, *case)));
    trials.extend(kill_cases::ALL.iter().chain(&lock_cases::ALL).map(|(name, case)| trial(name, *case)));
    trials.push(trial("project/prebuilt-components", project_cases::prebuilt_components));
    trials.push(trial("project/plugins-in-packs", project_cases::plugins_in_packs));
    trials.push(trial("project/c-bindings", project_cases::c_bindings));
    trials.push(trial("project/example-helpers", project_cases::example_helpers));
    trials.push(trial("project/limits-documented", project_cases::limits_documented));
    trials.push(trial("project/engines-known-to-rules", project_cases::engines_known_to_rules));
    trials.extend(room_cases::ALL.iter().map(|(name, case)| trial(name, *case)));
    trials.push(trial("sdk/archived", sdk_cases::archived));
    trials.extend(source_cases::ALL.map(|(name, case)| trial(name, case)));
    let answers = answer_cases::ALL.iter().chain(&answer_safety_cases::ALL).chain(&cache_cases::ALL);
    let files = file_cases::ALL.iter().chain(&text_cases::ALL).chain(answers);
    trials.extend(files.map(|(name, case)| trial(name, *case)));
    trials.extend(honest_cases::ALL.iter().chain(&ceiling_cases::ALL).map(|(name, case)| trial(name, *case)));
    trials.push(trial("hostile/shipped-guests", hostile_cases::shipped_guests));
    for case in packbox::hostile::cases() {
        trials.push(trial(&format!("hostile/{}", case.name), move || hostile_cases::run(&case)));
    }
    trials.extend(calls());
    trials.extend(packs_cases::ALL.iter().chain(&report_cases::ALL).map(|(name, case)| trial(name, *case)));
    trials.extend(
        validate_cases::ALL
            .iter()
            .chain(&merger_cases::ALL)
            .chain(&query_cases::ALL)
            .chain(&sparql_cases::ALL)
            .map(|(name, case)| trial(name, *case)),
    );
    trials.push(trial("wasi/refused-without-grant", wasi_cases::refused_without_grant));
    trials.push(trial("wasi/same-bytes-always", wasi_cases::same_bytes_always));
    trials.push(trial("wasi/each-job-alone", wasi_cases::each_job_alone));
    trials.push(trial("wasi/stopped", wasi_cases::stopped));
    trials.push(trial("trace/lines", trace_cases::lines));
    trials.push(trial("trace/names-only", trace_cases::names_only));
    trials.push(trial("trace/hostile-debug-information", trace_cases::hostile_debug_information));
    trials.push(trial("wit/compatible", wit_cases::compatible));
    trials.push(trial("wit/checker", wit_cases::checker));
    trials.push(trial("rules/pages", rule_cases::pages));
    trials.push(trial("rules/documented", rule_cases::documented));
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

/// Single calls of plugins, and chains of them.
fn calls() -> Vec<Trial> {
    vec![
        trial("call/recorded-failures", call_cases::recorded_failures),
        trial("call/recorded-validations", call_cases::recorded_validations),
        trial("call/secrets", call_cases::secrets),
        trial("call/bad-records", call_cases::bad_records),
        trial("call/tested", call_cases::tested),
        trial("call/tested-validators", call_cases::tested_validators),
        trial("call/figures", call_cases::figures),
        trial("call/stopped-figures", call_cases::stopped_figures),
        trial("call/projects", call_cases::projects),
        trial("call/profiled", call_cases::profiled),
        trial("call/called", call_cases::called),
        trial("chain/plugins", chain_cases::plugins),
        trial("chain/fuel", chain_cases::fuel),
        trial("chain/bounded", chain_cases::bounded),
        trial("chain/stopped", chain_cases::stopped),
        trial("chain/validated", chain_cases::validated),
    ]
}

fn trial(name: &str, run: impl FnOnce() -> Result<(), String> + Send + 'static) -> Trial {
    Trial::test(name, move || run().map_err(Into::into))
}

/// Every exit code of the design and every stop reason has a case.
fn coverage() -> Result<(), String> {
    let mut exits = BTreeSet::new();
    let mut reasons = BTreeSet::new();
    for name in cli_cases::names() {
        let (codes, stops) = cli_cases::covers(&name);
        exits.extend(codes);
        reasons.extend(stops);
    }
    for name in guests::names() {
        for case in guests::guest(&name).cases {
            exits.insert(i32::from(case.exit));
            reasons.extend(case.reasons.as_slice().iter().cloned());
        }
    }
    // Those of a run; a case that may end in either way is no case for one of them.
    let hostile = packbox::hostile::cases();
    let only =
        hostile.iter().filter_map(|case| case.expected.reasons.first().filter(|_| case.expected.reasons.len() == 1));
    reasons.extend(only.cloned());
    let exits_missing: Vec<i32> =
        [0, 1, 2, 3, 4, 5, 6, 7, 130].into_iter().filter(|code| !exits.contains(code)).collect();
    // No component is known that makes a compiler misbehave; `engine/compile-forbidden` lets the compiler itself do it.
    let elsewhere = ["compile-forbidden", "interrupted"];
    let reasons_missing: Vec<&str> = packbox::stop::StopReason::ALL
        .iter()
        .map(|reason| reason.name())
        .filter(|reason| !reasons.contains(*reason) && !elsewhere.contains(reason))
        .collect();
    if exits_missing.is_empty() && reasons_missing.is_empty() {
        return Ok(());
    }
    Err(format!("no case for the exit codes {exits_missing:?} and the stop reasons {reasons_missing:?}"))
}
