//! What a command is: its arguments, what it does with them, and what else the command line says of it.
//!
//! Always true here: all that is known of a command stands in its own file; `commands!` is told that file and no more.

use super::args::Format;
use super::session::Session;
use crate::error::Result;

/// A command. Its fields are its arguments, and its comments are its help.
pub trait Command: clap::Args {
    /// As it is typed; behind the name of its group, if it is in one: `registry add`.
    const NAME: &'static str;
    /// The formats that it can print its results in.
    const FORMATS: &'static [Format] = Format::OF_RESULTS;
    /// Command lines that show what it is for. A case runs all of them.
    const EXAMPLES: &'static [&'static str] = &[];
    /// The JSON documents that it prints, for their schemas; see [`documents`].
    #[cfg(test)]
    const DOCUMENTS: &'static [super::documents::Make] = &[];

    /// Does it.
    ///
    /// # Errors
    /// Whatever keeps it from being done. What is no [`Error`](crate::Error) of packbox is shown with all its causes.
    fn run(&self, session: &Session) -> anyhow::Result<Exit>;
}

/// Names the types of the JSON documents that a command prints, within its `impl Command`.
macro_rules! documents {
    ($($document:ty),+) => {
        #[cfg(test)]
        const DOCUMENTS: &'static [$crate::cli::documents::Make] = {
            use $crate::cli::documents::*;
            &[$(framed::<$document>),+]
        };
    };
}
pub(super) use documents;

/// The exit code of a command that did what it was asked to do: 0, or what its answer stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exit(pub u8);

impl From<()> for Exit {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl From<u8> for Exit {
    fn from(code: u8) -> Self {
        Self(code)
    }
}

/// How a command ended that knows only packbox's own errors.
///
/// # Errors
/// Those errors.
pub fn ended(result: Result<impl Into<Exit>>) -> anyhow::Result<Exit> {
    Ok(result?.into())
}

/// What is known of a command before it is run.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// [`Command::NAME`].
    pub name: &'static str,
    /// [`Command::FORMATS`].
    pub formats: &'static [Format],
    /// [`Command::EXAMPLES`].
    pub examples: &'static [&'static str],
    /// The commands of a group.
    pub below: &'static [Known],
    /// Adds its arguments, or the commands of a group.
    pub arguments: fn(clap::Command) -> clap::Command,
    /// [`Command::DOCUMENTS`].
    #[cfg(test)]
    pub documents: &'static [super::documents::Make],
}

impl Known {
    /// The last word of its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.name.rsplit(' ').next().unwrap_or(self.name)
    }
}

/// A command that was chosen, with its arguments.
pub trait Run {
    /// What is known of it.
    fn known(&self) -> Known;
    /// [`Command::run`].
    ///
    /// # Errors
    /// As there.
    fn run(&self, session: &Session) -> anyhow::Result<Exit>;
}

impl<C: Command> Run for C {
    fn known(&self) -> Known {
        Self::KNOWN
    }

    fn run(&self, session: &Session) -> anyhow::Result<Exit> {
        Command::run(self, session)
    }
}

/// What can stand behind `packbox`: a command, or a group of commands.
pub trait Entry {
    /// What is known of it.
    const KNOWN: Known;
    /// The command that was chosen.
    fn chosen(&self) -> &dyn Run;
}

impl<C: Command> Entry for C {
    const KNOWN: Known = Known {
        name: C::NAME,
        formats: C::FORMATS,
        examples: C::EXAMPLES,
        below: &[],
        arguments: C::augment_args,
        #[cfg(test)]
        documents: C::DOCUMENTS,
    };

    fn chosen(&self) -> &dyn Run {
        self
    }
}

/// Makes commands of files: a line for each, `FILE::TYPE`, under the heading that `--help` lists it below.
macro_rules! commands {
    ($($heading:literal: { $($file:ident::$command:ident,)+ })+) => {
        $($(mod $file;)+)+

        /// The commands.
        #[derive(Debug, clap::Subcommand)]
        #[allow(clippy::large_enum_variant, reason = "a process has one of them; whether they are large depends on the commands")]
        pub enum Commands {
            $($(
                #[command(name = $crate::cli::command::Known::word(<$file::$command as $crate::cli::command::Entry>::KNOWN))]
                $command($file::$command),
            )+)+
        }

        impl Commands {
            /// What is known of them, by headings.
            pub const KNOWN: &'static [(&'static str, &'static [$crate::cli::command::Known])] =
                &[$(($heading, &[$(<$file::$command as $crate::cli::command::Entry>::KNOWN),+])),+];

            /// The one that was chosen.
            pub fn chosen(&self) -> &dyn $crate::cli::command::Run {
                match self {
                    $($(Self::$command(command) => $crate::cli::command::Entry::chosen(command),)+)+
                }
            }
        }
    };
}
pub(super) use commands;
