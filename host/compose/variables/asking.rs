//! Asking is a stage with a history: what was asked, in which order, and what was said.
//!
//! Always true here: going back takes away what was settled since and evaluates it again; no answer is lost by it, as
//! each is a draft for when its question comes again.

use std::collections::BTreeMap;

use serde_json::Value;

use super::question::{Answer, Answered, Prompter, Question, Review};
use super::resolver::{Resolver, State, is_asked_for};
use crate::error::{Error, ErrorKind, Result};
use crate::values::Problem;

/// With more answers than these, all are shown once more before anything is done with them.
const FEW: usize = 3;

/// The questions that were asked for a pack. It is kept while others are asked, so that somebody can come back to it.
#[derive(Default)]
pub struct Interview {
    /// In their order.
    history: Vec<Asked>,
    /// What is known of questions that may come again, by variable.
    drafts: BTreeMap<usize, Draft>,
    /// The variable whose answer somebody wanted to change when they saw all.
    changing: Option<usize>,
    /// Whether one can go back from its first question, to those of another pack.
    leads_back: bool,
    /// Whether somebody did.
    has_left: bool,
}

struct Asked {
    index: usize,
    answer: Answer,
    /// What was suggested then: if the answer was to take it, it holds for this one only.
    suggestion: Option<Value>,
}

struct Draft {
    answer: Answer,
    suggestion: Option<Value>,
    problem: Option<Problem>,
    /// Whether it is taken as it is, if it still can be.
    keep: bool,
}

/// Asks for all that is to be asked for.
///
/// # Errors
/// Those of the prompter and of the pack's expressions.
pub(super) fn ask_all(resolver: &mut Resolver<'_>, prompter: &dyn Prompter, asking: &mut Interview) -> Result<()> {
    loop {
        if let Err(error) = resolver.settle() {
            asking.reject_last(resolver, error)?;
            continue;
        }
        // Nobody is asked any more questions once something is wrong that answers cannot mend.
        if resolver.has_findings() {
            return Ok(());
        }
        match resolver.first_pending() {
            Some(index) => {
                asking.ask(resolver, prompter, index)?;
                if asking.has_left {
                    return Ok(());
                }
            }
            None if asking.history.len() <= FEW => return Ok(()),
            None => match prompter.review(&asking.answered(resolver))? {
                Review::Accept => return Ok(()),
                Review::Change(position) => asking.change(resolver, position),
                Review::Back => asking.back(resolver),
            },
        }
    }
}

impl Interview {
    /// Begins to ask, or begins again: then what was answered is taken by itself where it still holds, but for the last, which is
    /// asked for once more.
    pub fn begin(&mut self, leads_back: bool) {
        (self.leads_back, self.has_left, self.changing) = (leads_back, false, None);
        let last = self.history.len().saturating_sub(1);
        for (position, asked) in self.history.drain(..).enumerate() {
            self.drafts.insert(asked.index, asked.into_draft(position != last));
        }
    }

    /// Whether something was answered.
    #[must_use]
    pub fn has_answers(&self) -> bool {
        !self.history.is_empty()
    }

    /// Whether somebody went back from the first question: there are no values, and the pack before is to be asked again.
    #[must_use]
    pub const fn has_left(&self) -> bool {
        self.has_left
    }

    /// Asks one question, or takes what was answered before.
    fn ask(&mut self, resolver: &mut Resolver<'_>, prompter: &dyn Prompter, index: usize) -> Result<()> {
        let Some((variable, pending)) = resolver.pending(index) else { return Ok(()) };
        let draft = self.drafts.remove(&index);
        let (certain, possible) = outlook(resolver);
        let asked = self.history.len();
        let mut question = Question {
            variable,
            pack: resolver.sources.scope.as_ref().filter(|scope| !scope.is_alone).map(|scope| scope.pack.as_str()),
            suggestion: pending.suggestion(),
            draft: draft.as_ref().map(|draft| &draft.answer),
            problem: if draft.is_none() { pending.problem.as_ref() } else { None },
            is_secret: pending.is_secret,
            can_go_back: asked > 0 || self.leads_back || self.changing == Some(index),
            number: asked + 1,
            least: asked + certain,
            most: asked + certain + possible,
        };
        // What was being typed when the person went back may be wrong, too.
        let wrong = draft.as_ref().and_then(|draft| match (&draft.problem, &draft.answer) {
            (Some(problem), _) => Some(problem.clone()),
            (None, Answer::Suggestion) => None,
            (None, answer) => question.read(answer).err(),
        });
        question.problem = wrong.as_ref().or(question.problem);
        let suggestion = question.suggestion.cloned();
        let kept = draft.as_ref().filter(|draft| draft.keep && draft.still_holds(&question));
        let answer = match kept {
            Some(draft) => draft.answer.clone(),
            None => prompter.ask(&question)?,
        };
        if let Answer::Back(typed) = answer {
            let before = draft.map(|draft| (draft.answer, draft.suggestion));
            if self.changing.take_if(|changing| *changing == index).is_some() {
                // The answer stays as it was.
                let (answer, suggestion) = before.unwrap_or((Answer::Suggestion, suggestion));
                self.drafts.insert(index, Draft { answer, suggestion, problem: None, keep: true });
                return Ok(());
            }
            let typed = typed.filter(|text| !text.is_empty()).map(|text| (Answer::Text(text), None));
            if let Some((answer, suggestion)) = typed.or(before) {
                self.drafts.insert(index, Draft { answer, suggestion, problem: None, keep: false });
            }
            self.has_left = self.leads_back && self.history.is_empty();
            self.back(resolver);
            return Ok(());
        }
        match question.read(&answer) {
            Ok(value) => {
                self.changing.take_if(|changing| *changing == index);
                let is_secret = question.is_secret;
                resolver.settle_answer(index, value, is_secret)?;
                self.history.push(Asked { index, answer, suggestion });
            }
            Err(problem) => {
                self.drafts.insert(index, Draft { answer, suggestion, problem: Some(problem), keep: false });
            }
        }
        Ok(())
    }

    /// Asks the last question again, because the pack's expressions fail with its answer; another one may do.
    fn reject_last(&mut self, resolver: &mut Resolver<'_>, error: Error) -> Result<()> {
        let Some(last) = self.history.last().map(|asked| asked.index).filter(|_| is_of_answers(&error)) else {
            return Err(error);
        };
        self.back(resolver);
        if let Some(draft) = self.drafts.get_mut(&last) {
            let finding = error.body().findings.first().map(|finding| finding.message.clone());
            draft.problem = Some(Problem::of_pack(&finding.unwrap_or_else(|| error.to_string())));
        }
        Ok(())
    }

    /// Takes back the last answer.
    fn back(&mut self, resolver: &mut Resolver<'_>) {
        if let Some(asked) = self.history.pop() {
            resolver.take_back(asked.index);
            self.drafts.insert(asked.index, asked.into_draft(false));
        }
    }

    /// Takes back an answer. Those after it are taken again by themselves where they still hold.
    fn change(&mut self, resolver: &mut Resolver<'_>, position: usize) {
        let Some(index) = self.history.get(position).map(|asked| asked.index) else { return };
        resolver.take_back(index);
        for asked in self.history.drain(position..) {
            let keep = asked.index != index;
            self.drafts.insert(asked.index, asked.into_draft(keep));
        }
        self.changing = Some(index);
    }

    fn answered<'a>(&self, resolver: &'a Resolver<'_>) -> Vec<Answered<'a>> {
        self.history.iter().filter_map(|asked| resolver.answered(asked.index)).collect()
    }
}

/// How many questions will come, and how many more may: it depends on answers that are not there yet.
fn outlook(resolver: &Resolver<'_>) -> (usize, usize) {
    let (mut certain, mut possible) = (0, 0);
    for (variable, state) in resolver.declared.variables.iter().zip(&resolver.states) {
        match state {
            State::Pending(_) => certain += 1,
            State::Open if resolver.sources.imported.contains_key(variable.name.as_str()) => {}
            State::Open if !is_asked_for(variable, variable.default.is_some() || variable.compute.is_some()) => {}
            State::Open if variable.when.is_none() => certain += 1,
            State::Open => possible += 1,
            State::Known(_) | State::Unknown | State::Failed(_) => {}
        }
    }
    (certain, possible)
}

/// Whether other answers may do where the pack's expressions fail.
fn is_of_answers(error: &Error) -> bool {
    error.exit_code() == 1 || error.kind() == ErrorKind::Variables
}

impl Asked {
    fn into_draft(self, keep: bool) -> Draft {
        Draft { answer: self.answer, suggestion: self.suggestion, problem: None, keep }
    }
}

impl Draft {
    /// Whether the answer means now what it meant then.
    fn still_holds(&self, question: &Question<'_>) -> bool {
        let is_same = match &self.answer {
            Answer::Suggestion => self.suggestion.as_ref() == question.suggestion,
            Answer::Text(text) => !text.is_empty() || self.suggestion.as_ref() == question.suggestion,
            Answer::Value(_) | Answer::Back(_) => true,
        };
        is_same && question.read(&self.answer).is_ok()
    }
}
