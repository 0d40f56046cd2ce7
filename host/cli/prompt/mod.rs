//! How questions look on a terminal: one at a time, each leaves a line behind; a last look at all of them.
//!
//! Always true here: an answer is taken only once it is valid; what is typed is lost neither by a mistake nor by going back;
//! the value of a secret is never shown.

mod chooser;
mod editor;
mod form;
mod frame;
mod input;
mod keys;
mod plain;
mod screen;
mod words;

use std::cell::RefCell;

use tracing::level_filters::LevelFilter;

use crate::compose::variables::{Answer, Answered, Prompter, Question, Review};
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;
use crate::pack::VariableName;
use crate::text::printable_line;
use chooser::Chooser;
use form::{Form, Outcome, Texts};
use frame::{Line, Rank, Size, Style, cut};
use screen::Screen;

/// What a terminal can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Terminal {
    /// It prints lines, and that is all: `TERM=dumb`.
    Plain,
    /// Its cursor can be moved.
    Screen {
        /// Whether it is to show colors.
        colors: bool,
    },
}

/// Asks on the terminal.
#[derive(Debug)]
pub struct TerminalPrompter<'a> {
    terminal: Terminal,
    interrupt: &'a Interrupt,
    told: RefCell<Told>,
}

/// The lines that answered questions left behind.
#[derive(Debug, Default)]
struct Told {
    lines: Vec<Left>,
    /// The pack that asks, where several do.
    pack: Option<String>,
    /// How large the screen was then.
    size: Option<Size>,
}

/// A line that an answered question left behind, and whose it is.
#[derive(Debug)]
struct Left {
    pack: Option<String>,
    name: VariableName,
    line: Line,
}

impl<'a> TerminalPrompter<'a> {
    /// Asks on this kind of terminal.
    pub fn new(terminal: Terminal, interrupt: &'a Interrupt) -> Self {
        Self { terminal, interrupt, told: RefCell::default() }
    }
}

impl Prompter for TerminalPrompter<'_> {
    fn ask(&self, question: &Question<'_>) -> Result<Answer> {
        match self.terminal {
            Terminal::Plain => plain::ask(question, self.interrupt),
            Terminal::Screen { colors } => {
                let mut screen = Screen::open(colors)?;
                self.told.borrow_mut().ask(&mut screen, question, self.interrupt)
            }
        }
    }

    fn review(&self, answers: &[Answered<'_>]) -> Result<Review> {
        let picked = match self.terminal {
            Terminal::Plain => plain::pick((LAST_LOOK, REFUSED), &all(answers), 0, self.interrupt),
            Terminal::Screen { colors } => {
                let mut screen = Screen::open(colors)?;
                self.told.borrow_mut().review(&mut screen, answers, self.interrupt)
            }
        }?;
        Ok(match picked {
            None => Review::Back,
            Some(0) => Review::Accept,
            Some(position) => Review::Change(position - 1),
        })
    }
}

/// What is asked when all answers are there.
const LAST_LOOK: &str = "Is all of this right?";
/// What happens next where it is not.
const REFUSED: &str = "choose the answer to change; or leave with Ctrl-C: nothing is written";
/// What says so.
const NO: &[&str] = &["n", "no"];

/// What can be done then: go on, or change one of them.
fn all(answers: &[Answered<'_>]) -> Vec<String> {
    std::iter::once("go on".to_owned()).chain(answers.iter().map(words::answered)).collect()
}

impl Told {
    /// Asks a question on a screen, and leaves a line behind.
    fn ask(&mut self, screen: &mut Screen, question: &Question<'_>, interrupt: &Interrupt) -> Result<Answer> {
        let name = &question.variable.name;
        self.pack = question.pack.map(str::to_owned);
        if self.lines.last().is_some_and(|last| last.name == *name && last.pack == self.pack) {
            self.take_back(screen, 1)?;
        }
        let mut form = Form::of(question);
        let taken = self.run(screen, &mut form, interrupt, |form| {
            let answer = form.answer();
            question.read(&answer).map(|value| (answer, value)).map_err(|problem| form.problem_of(&problem))
        })?;
        let Some((answer, value)) = taken else { return Ok(Answer::Back(form.typed())) };
        screen.leave(None)?;
        let answered = Answered { variable: question.variable, value: &value, is_secret: question.is_secret };
        self.tell(screen, &answered)?;
        Ok(answer)
    }

    /// Leaves a line behind.
    fn tell(&mut self, screen: &mut Screen, answered: &Answered<'_>) -> Result<()> {
        let size = Screen::size();
        let name = words::name(answered.variable);
        let name = match &self.pack {
            Some(pack) => format!("{}: {name}", printable_line(pack)),
            None => name,
        };
        let (title, separator) = (cut(&name, size.columns / 2), words::separator(&name));
        let value = words::shown(answered.variable, answered.value, answered.is_secret);
        let pieces = [(Style::Plain, title.as_str()), (Style::Plain, separator), (Style::Chosen, value.as_str())];
        let line = Line::new(Rank::Title, &pieces, size.columns);
        screen.leave(Some(&line))?;
        self.lines.push(Left { pack: self.pack.clone(), name: answered.variable.name.clone(), line });
        self.size = Some(size);
        Ok(())
    }

    /// Takes the last lines away again; says whether they are gone from the screen, too.
    fn take_back(&mut self, screen: &mut Screen, count: usize) -> Result<bool> {
        // Where more than questions was printed, or the size is another, nobody knows what stands above.
        let are_known = LevelFilter::current() == LevelFilter::OFF && self.size == Some(Screen::size());
        if are_known {
            screen.take_back(count.min(self.lines.len()))?;
        }
        self.lines.truncate(self.lines.len().saturating_sub(count));
        Ok(are_known)
    }

    /// Shows all answers in place of the lines that they left behind. Leaves those that are not asked for again.
    fn review(
        &mut self,
        screen: &mut Screen,
        answers: &[Answered<'_>],
        interrupt: &Interrupt,
    ) -> Result<Option<usize>> {
        // Those of another pack stay as they are.
        let own = self.lines.iter().rev().take_while(|left| left.pack == self.pack).count();
        let are_gone = self.take_back(screen, own)?;
        let texts = Texts {
            title: LAST_LOOK.to_owned(),
            help: Some("Nothing is written yet. Choose an answer to change it; y goes on.".to_owned()),
            refused: Some(REFUSED.to_owned()),
            can_go_back: true,
            ..Texts::default()
        };
        let chooser = Chooser::new(all(answers), Some(0)).with_words(&[&["yes", "ok"]]).with_refusals(NO);
        let mut form = Form::choice(texts, chooser, usize::MAX);
        let take = |form: &Form| form.position().ok_or_else(|| form.refused().unwrap_or("choose one").to_owned());
        let picked = self.run(screen, &mut form, interrupt, take)?;
        let kept = match picked {
            None => answers.len().saturating_sub(1),
            Some(0) => answers.len(),
            Some(position) => position - 1,
        };
        if are_gone {
            answers[..kept].iter().try_for_each(|answered| self.tell(screen, answered))?;
        }
        Ok(picked)
    }

    /// Lets a form be filled in, until it is taken or the person goes back.
    fn run<T>(
        &self,
        screen: &mut Screen,
        form: &mut Form,
        interrupt: &Interrupt,
        mut take: impl FnMut(&Form) -> Result<T, String>,
    ) -> Result<Option<T>> {
        loop {
            screen.draw(&form.frame(Screen::size()))?;
            match form.apply(&input::next(interrupt)?) {
                Outcome::Goes => {}
                Outcome::Resized => {
                    let lines: Vec<Line> = self.lines.iter().map(|left| left.line.clone()).collect();
                    let most = Screen::size().rows / 2;
                    screen.start_over(&lines[lines.len().saturating_sub(most)..])?;
                }
                Outcome::Left => return Err(input::left()),
                Outcome::Back => {
                    screen.leave(None)?;
                    return Ok(None);
                }
                Outcome::Done => match take(form) {
                    Ok(taken) => {
                        screen.leave(None)?;
                        return Ok(Some(taken));
                    }
                    Err(problem) => form.reject(problem),
                },
            }
        }
    }
}

/// Asks whether to do something; without an answer it is not done.
///
/// # Errors
/// `Interrupted` where the person left, `Io`.
pub fn confirm(title: &str, terminal: Terminal, interrupt: &Interrupt) -> Result<bool> {
    let labels = ["yes".to_owned(), "no".to_owned()];
    let pick = || match terminal {
        Terminal::Plain => plain::pick((title, ""), &labels, 1, interrupt),
        Terminal::Screen { colors } => {
            let mut screen = Screen::open(colors)?;
            let texts = Texts { title: title.to_owned(), ..Texts::default() };
            let mut form = Form::choice(texts, Chooser::new(labels.to_vec(), Some(1)), usize::MAX);
            let take = |form: &Form| form.position().ok_or_else(|| "choose one".to_owned());
            Told::default().run(&mut screen, &mut form, interrupt, take)
        }
    };
    match pick() {
        Err(error) if error.kind() == ErrorKind::Interrupted => {
            Err(Error::new(ErrorKind::Interrupted, "interrupted; nothing was changed"))
        }
        picked => picked.map(|picked| picked == Some(0)),
    }
}
