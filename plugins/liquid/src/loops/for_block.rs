//! `{% for ITEM in LIST %}`, with `limit`, `offset`, `reversed` and `{% else %}`.

use std::io::Write;

use liquid_core::model::Scalar;
use liquid_core::parser::BlockElement;
use liquid_core::runtime::{Interrupt, InterruptRegister};
use liquid_core::{Language, Renderable, Result, Runtime, TagBlock, TagTokenIter, Template, ValueCow};

use super::items::Head;
use super::variables::{ForLoop, Place};
use crate::block::{self, block};
use crate::scope::Frame;
use crate::value::Ordered;

block!(
    /// The block `for`.
    ForBlock,
    "for",
    "endfor",
    "Repeats its contents for each item of a list, an object or a range.",
    parse
);

fn parse(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
) -> Result<Box<dyn Renderable>> {
    let head = Head::of_loop(arguments)?;
    let (mut body, mut otherwise) = (Vec::new(), None);
    while let Some(element) = block.next()? {
        match element {
            BlockElement::Tag(tag) if tag.name() == "else" => {
                otherwise = Some(block::otherwise(tag, block, language)?);
            }
            element => body.push(element.parse(block, language)?),
        }
    }
    Ok(Box::new(For { head, body: Template::new(body), otherwise }))
}

#[derive(Debug)]
struct For {
    head: Head,
    body: Template,
    otherwise: Option<Template>,
}

impl Renderable for For {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        self.head.with_items(runtime, |items, _| {
            let count = items.count();
            if count == 0 {
                return self.otherwise.as_ref().map_or(Ok(()), |template| template.render_to(writer, runtime));
            }
            let around = runtime.try_get(&[Scalar::new("forloop")]);
            for at in 0..count {
                let item = items.get(at);
                let forloop = Ordered(ForLoop(Place::new(at, count, count), around.as_ref().map(ValueCow::as_view)));
                let scope = Frame::new(runtime, [("forloop", &forloop), (self.head.name.as_str(), item.as_view())]);
                self.body.render_to(writer, &scope)?;
                let interrupt = runtime.registers().get_mut::<InterruptRegister>().reset();
                if interrupt == Some(Interrupt::Break) {
                    break;
                }
            }
            Ok(())
        })
    }
}
