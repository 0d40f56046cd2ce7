//! The commands: a file for each, and a line for each here.

use super::command::commands;

commands! {
    "Use packs": {
        generate::Generate,
        compose::Compose,
        plan::Plan,
        explain::Explain,
        query::Query,
        apply::Apply,
        list::List,
        search::Search,
        show::Show,
        info::Info,
        deps::Deps,
        install::Install,
        uninstall::Uninstall,
        update::Update,
    }
    "Write packs and plugins": {
        new::New,
        plugin::Plugin,
        profile::Profile,
        schema::Schema,
        export::Export,
        publish::Publish,
        yank::Yank,
    }
    "Check packs": {
        check::Check,
        lint::Lint,
        validate::Validate,
        compat::Compat,
        score::Score,
        bench::Bench,
    }
    "Registries": {
        registry::Registry,
        import::Import,
        vendor::Vendor,
    }
    "This machine": {
        doctor::Doctor,
        clean::Clean,
        limits::Limits,
        completions::Completions,
        man::Man,
        precompile::Precompile,
    }
}
