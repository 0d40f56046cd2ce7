//! The types of the plugin ABI, generated from its WIT: one module for each world, which share their types.
#![allow(missing_docs, clippy::all, clippy::pedantic, reason = "generated")]

/// What a renderer exports, and the types that all worlds share.
pub mod renderer {
    wit_bindgen::generate!({
        path: "wit",
        world: "renderer-plugin",
        pub_export_macro: true,
        export_macro_name: "export_renderer_plugin",
        additional_derives: [PartialEq],
    });
}

/// What a validator exports.
pub mod validator {
    wit_bindgen::generate!({
        path: "wit",
        world: "validator-plugin",
        pub_export_macro: true,
        export_macro_name: "export_validator_plugin",
        additional_derives: [PartialEq],
        with: {
            "packbox:plugin/types@0.1.0": crate::abi::renderer::packbox::plugin::types,
            "packbox:plugin/log@0.1.0": crate::abi::renderer::packbox::plugin::log,
        },
    });
}

/// What a merger exports.
pub mod merger {
    wit_bindgen::generate!({
        path: "wit",
        world: "merger-plugin",
        pub_export_macro: true,
        export_macro_name: "export_merger_plugin",
        additional_derives: [PartialEq],
        with: {
            "packbox:plugin/types@0.1.0": crate::abi::renderer::packbox::plugin::types,
            "packbox:plugin/log@0.1.0": crate::abi::renderer::packbox::plugin::log,
        },
    });
}

/// What a query engine exports.
pub mod query_engine {
    wit_bindgen::generate!({
        path: "wit",
        world: "query-plugin",
        pub_export_macro: true,
        export_macro_name: "export_query_plugin",
        additional_derives: [PartialEq],
        with: {
            "packbox:plugin/types@0.1.0": crate::abi::renderer::packbox::plugin::types,
            "packbox:plugin/log@0.1.0": crate::abi::renderer::packbox::plugin::log,
        },
    });
}
