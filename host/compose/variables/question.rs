//! What a question holds, and what somebody who asks it has to do.
//!
//! Always true here: what counts as an answer is said in one place, [`Question::read`]; an answer's text is in no `Debug` output.

use std::fmt;

use serde_json::Value;

use crate::error::Error;
use crate::pack::Variable;
use crate::values::Problem;

/// A question about one variable: what it is, [`Question::input`] says.
#[derive(Clone)]
pub struct Question<'a> {
    /// The variable.
    pub(crate) variable: &'a Variable,
    /// The name of the pack that asks, where several do.
    pub pack: Option<&'a str>,
    /// The value that is taken where the person gives none.
    pub suggestion: Option<&'a Value>,
    /// What was answered before, or was being typed when the person went back: it is there to be changed. None where the question
    /// is asked for the first time.
    pub draft: Option<&'a Answer>,
    /// What was wrong with the draft; where there is no draft, with what the pack computed.
    pub problem: Option<&'a Problem>,
    /// Whether neither the suggestion nor the answer may be shown.
    pub is_secret: bool,
    /// Whether there is something to go back to.
    pub can_go_back: bool,
    /// The number of this question among all that are asked, from 1.
    pub number: usize,
    /// How many will be asked at the least.
    pub least: usize,
    /// How many may be asked: some depend on answers that are not there yet.
    pub most: usize,
}

/// What a person said.
#[derive(Clone, PartialEq)]
pub enum Answer {
    /// Text, which the variable's type reads as on a command line: `true` or `yes`, `8080`, a list with commas. An empty one is no
    /// answer: the suggestion will do.
    Text(String),
    /// A value of the variable's type, for instance one of its choices.
    Value(Value),
    /// Nothing; the suggestion will do. Where nothing is suggested, the question is asked again.
    Suggestion,
    /// The question before this one is to be asked again, where [`Question::can_go_back`]. What was typed so far is kept.
    Back(Option<String>),
}

/// A question that was answered: which one, [`Answered::input`] says.
#[derive(Clone, Copy)]
pub struct Answered<'a> {
    /// The variable.
    pub(crate) variable: &'a Variable,
    /// Its value.
    pub value: &'a Value,
    /// Whether the value may not be shown.
    pub is_secret: bool,
}

/// What is to be done after a look at all answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Review {
    /// They are taken.
    Accept,
    /// The one at this position among all answers, from 0, is to be asked for again.
    Change(usize),
    /// The last one is to be asked for again.
    Back,
}

/// Asks a person for what a pack wants to know and was not given: [`Inputs::asking`](crate::Inputs::asking) takes one.
///
/// Questions come one at a time, on the thread that makes the job, and no limit of the job's counts the time that an answer takes.
/// An answer that can't be used is no error: the question comes again, with the answer as its draft and what is wrong with it. So
/// whoever can only give the same answer again has to give up, by an error of its own.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use packbox::{Answer, Error, ErrorKind, Inputs, Packbox, Prompter, Question};
///
/// /// Answers what is in a map, and takes what is suggested for the rest.
/// struct FromMap(BTreeMap<&'static str, &'static str>);
///
/// impl Prompter for FromMap {
///     fn ask(&self, question: &Question<'_>) -> Result<Answer, Error> {
///         let input = question.input();
///         if let Some(problem) = question.problem {
///             return Err(Error::new(ErrorKind::Variables, format!("`{}` {problem}", input.name)));
///         }
///         match self.0.get(input.name) {
///             Some(text) => Ok(Answer::Text((*text).to_owned())),
///             None if question.suggestion.is_some() => Ok(Answer::Suggestion),
///             None => Err(Error::new(ErrorKind::Variables, format!("`{}` needs {}", input.name, input.expected))),
///         }
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let packbox = Packbox::builder().build()?;
/// let pack = packbox.load("examples/packs/rust-cli")?;
/// let answers = FromMap(BTreeMap::from([("crate_name", "orders"), ("edition", "2021")]));
/// let rendered = packbox.job(&pack, &Inputs::new().asking(&answers))?.render()?;
/// let manifest = rendered.files().find(|file| file.path == "Cargo.toml").expect("the pack makes one");
/// assert!(String::from_utf8_lossy(manifest.contents).contains("name = \"orders\""));
///
/// // What is wrong with an answer comes with the question that is asked again; here it ends the job.
/// let wrong = FromMap(BTreeMap::from([("crate_name", "No Name")]));
/// let error = packbox.job(&pack, &Inputs::new().asking(&wrong)).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::Variables);
/// # Ok(())
/// # }
/// ```
pub trait Prompter {
    /// Asks one question. It may check an answer with [`Question::read`]; it need not, as an answer that can't be used is asked for
    /// again.
    ///
    /// # Errors
    /// Whatever it gives ends the job, which fails with that error: for instance
    /// [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted) where the person left.
    fn ask(&self, question: &Question<'_>) -> Result<Answer, Error>;

    /// Shows all answers once more, in the order in which they were given, where more than three questions were asked. Takes them
    /// as they are unless it is implemented.
    ///
    /// # Errors
    /// Those of [`Prompter::ask`].
    fn review(&self, answers: &[Answered<'_>]) -> Result<Review, Error> {
        let _ = answers;
        Ok(Review::Accept)
    }
}

impl Question<'_> {
    /// Reads the value that an answer gives, and checks it.
    ///
    /// # Errors
    /// What is wrong with it, without the value of a secret; that an answer is needed, where there is none and nothing is suggested.
    pub fn read(&self, answer: &Answer) -> Result<Value, Problem> {
        let value = match answer {
            Answer::Text(text) if !text.is_empty() => self.variable.parse_text(text),
            Answer::Value(value) => self.variable.check(value).map(|()| value.clone()),
            Answer::Text(_) | Answer::Suggestion | Answer::Back(_) => {
                self.suggestion.cloned().ok_or_else(|| Problem::of_no_answer(&self.variable.expectation()))
            }
        };
        value.map_err(|problem| if self.is_secret { problem.without_value() } else { problem })
    }
}

impl fmt::Debug for Question<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let suggestion = if self.is_secret { None } else { self.suggestion };
        formatter
            .debug_struct("Question")
            .field("variable", &self.variable.name)
            .field("suggestion", &suggestion)
            .field("problem", &self.problem)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Answer {
    /// Says which kind of answer it is, because nobody knows here whether it is a secret.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Text(_) => "Text(…)",
            Self::Value(_) => "Value(…)",
            Self::Suggestion => "Suggestion",
            Self::Back(_) => "Back(…)",
        })
    }
}

impl fmt::Debug for Answered<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.is_secret { None } else { Some(self.value) };
        formatter.debug_struct("Answered").field("variable", &self.variable.name).field("value", &value).finish()
    }
}
