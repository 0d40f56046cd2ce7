//! packbox: an element of a template that knows where it stands, so that errors do.

use std::io::Write;

use crate::error::Result;

use super::Renderable;
use super::Runtime;

/// An element and its place, in bytes of its template.
#[derive(Debug)]
pub struct Placed {
    place: (usize, usize),
    element: Box<dyn Renderable>,
}

impl Placed {
    /// Gives an element a place.
    pub fn wrap(place: (usize, usize), element: Box<dyn Renderable>) -> Box<dyn Renderable> {
        Box::new(Self { place, element })
    }
}

impl Renderable for Placed {
    fn render(&self, runtime: &dyn Runtime) -> Result<String> {
        self.element.render(runtime).map_err(|error| error.at(self.place))
    }

    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        self.element.render_to(writer, runtime).map_err(|error| error.at(self.place))
    }
}
