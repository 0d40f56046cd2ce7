//! Rules about the files that become outputs.

pub mod conflict_marker;
pub mod empty;
pub mod encoding;
pub mod final_newline;
pub mod for_each_content;
pub mod for_each_output;
pub mod forgotten_suffix;
pub mod line_ends;
pub mod long_line;
pub mod machine_path;
pub mod missing_partial;
pub mod never_equal;
pub mod no_expression;
pub mod not_a_list;
pub mod output_clash;
pub mod trailing_space;
pub mod undefined_variable;
pub mod unescaped_value;
pub mod unused_file;
pub mod unused_partial;
