//! Calls of `renderer`: what a template refers to, and what it renders to.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{Export, Function, Input, Results, Telling};
use crate::abi::{Adapter, FileParam, GuestRendered, GuestTemplateInfo, JobParam, texts};
use crate::digest::Digest;
use crate::engine::input::CallFile;

/// Parses a template and says what it refers to.
#[derive(Debug, Clone, Copy)]
pub struct Inspect<'a> {
    /// The template.
    pub template: FileParam<'a>,
}

impl<'a> Inspect<'a> {
    pub(in crate::engine) fn given(template: &'a CallFile) -> Self {
        Self { template: template.param() }
    }
}

impl Export for Inspect<'_> {
    const FUNCTION: Function = Function::Inspect;
    type Job = Self;
    type Output = GuestTemplateInfo;
    type Parameters<'p, A: Adapter>
        = A::InspectParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = A::Inspected;

    fn jobs(&self) -> &[Self] {
        std::slice::from_ref(self)
    }

    fn shared_bytes(&self) -> u64 {
        0
    }

    fn job_bytes(job: &Self) -> u64 {
        (job.template.path.len() + job.template.contents.len()) as u64
    }

    fn parameters<'p, A: Adapter>(&'p self, _jobs: &'p [Self]) -> A::InspectParams<'p> {
        A::inspect(self.template)
    }

    fn results<A: Adapter>(given: A::Inspected) -> Results<GuestTemplateInfo> {
        vec![A::inspected(given)]
    }

    fn order(job: &Self) -> (&str, &[u8]) {
        (job.template.path, b"")
    }

    fn input(&self, job: &Self) -> Input {
        Input::Inspect { template: (&job.template).into() }
    }

    fn tell(info: &GuestTemplateInfo, _telling: &mut dyn Telling) -> Value {
        json!({
            "variables": texts(&info.variables),
            "partials": texts(&info.partials),
            "blocks": texts(&info.blocks),
        })
    }
}

/// Renders templates with one context.
#[derive(Debug, Clone)]
pub struct Render<'a> {
    /// The variables, a JSON object.
    pub context: &'a [u8],
    /// Files that templates may include.
    pub partials: Cow<'a, [FileParam<'a>]>,
    /// The templates.
    pub jobs: Cow<'a, [JobParam<'a>]>,
}

impl<'a> Render<'a> {
    pub(in crate::engine) fn given(
        context: &'a [u8],
        partials: &'a [CallFile],
        template: &'a CallFile,
        locals: &'a [u8],
        options: &'a [u8],
    ) -> Self {
        let job = JobParam { template: template.param(), locals, options };
        Self { context, partials: partials.iter().map(CallFile::param).collect(), jobs: vec![job].into() }
    }
}

impl<'a> Export for Render<'a> {
    const FUNCTION: Function = Function::Render;
    type Job = JobParam<'a>;
    type Output = GuestRendered;
    type Parameters<'p, A: Adapter>
        = A::RenderParams<'p>
    where
        Self: 'p;
    type Given<A: Adapter> = A::Rendered;

    fn jobs(&self) -> &[JobParam<'a>] {
        &self.jobs
    }

    fn shared_bytes(&self) -> u64 {
        let partials: u64 = self.partials.iter().map(|file| (file.path.len() + file.contents.len()) as u64).sum();
        self.context.len() as u64 + partials
    }

    fn job_bytes(job: &JobParam<'a>) -> u64 {
        let parts = [job.template.path.len(), job.template.contents.len(), job.locals.len(), job.options.len()];
        parts.iter().sum::<usize>() as u64
    }

    fn lacks<A: Adapter>(job: &JobParam<'a>) -> Option<&'static str> {
        A::lacks(job)
    }

    fn parameters<'p, A: Adapter>(&'p self, jobs: &'p [JobParam<'a>]) -> A::RenderParams<'p> {
        A::render(self.context, &self.partials, jobs)
    }

    fn results<A: Adapter>(given: A::Rendered) -> Results<GuestRendered> {
        A::rendered(given)
    }

    fn order<'j>(job: &'j JobParam<'a>) -> (&'j str, &'j [u8]) {
        (job.template.path, job.locals)
    }

    fn input(&self, job: &JobParam<'a>) -> Input {
        Input::Render {
            context: self.context.to_owned(),
            partials: self.partials.iter().map(CallFile::from).collect(),
            template: (&job.template).into(),
            locals: job.locals.to_owned(),
            options: job.options.to_owned(),
        }
    }

    fn tell(rendered: &GuestRendered, telling: &mut dyn Telling) -> Value {
        let mut outputs = Vec::with_capacity(rendered.outputs.0.len());
        for output in &rendered.outputs.0 {
            let path = output.path.as_ref().map(|path| path.0.as_str());
            telling.file(path, &output.contents.0, output.executable);
            outputs.push(json!({
                "path": path,
                "bytes": output.contents.0.len(),
                "sha256": Digest::of(&output.contents.0),
                "executable": output.executable,
            }));
        }
        json!({
            "outputs": outputs,
            "notes": telling.notes(&rendered.notes.0),
            "reads": {
                "variables": texts(&rendered.reads.variables),
                "partials": texts(&rendered.reads.partials),
                "absent": texts(&rendered.reads.absent),
            },
        })
    }
}
