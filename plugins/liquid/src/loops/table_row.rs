//! `{% tablerow ITEM in LIST %}`, with `cols`, `limit` and `offset`: the rows of an HTML table.

use std::io::{self, Write};

use liquid_core::{Error, Language, Renderable, Result, Runtime, TagBlock, TagTokenIter, Template};

use super::items::Head;
use super::variables::{Place, TableRow};
use crate::block::block;
use crate::scope::Frame;
use crate::value::Ordered;

block!(
    /// The block `tablerow`.
    TableRowBlock,
    "tablerow",
    "endtablerow",
    "Writes a table cell for each item of a list, an object or a range.",
    parse
);

fn parse(
    arguments: &mut TagTokenIter<'_>,
    block: &mut TagBlock<'_, '_>,
    language: &Language,
) -> Result<Box<dyn Renderable>> {
    let head = Head::of_table(arguments)?;
    Ok(Box::new(Table { head, body: Template::new(block.parse_all(language)?) }))
}

#[derive(Debug)]
struct Table {
    head: Head,
    body: Template,
}

impl Renderable for Table {
    fn render_to(&self, writer: &mut dyn Write, runtime: &dyn Runtime) -> Result<()> {
        self.head.with_items(runtime, |items, columns| {
            let count = items.count();
            let columns = columns.unwrap_or(count);
            if columns == 0 && count > 0 {
                return Err(Error::with_msg("Expected a number of columns, found 0"));
            }
            for at in 0..count {
                let item = items.get(at);
                let row = Ordered(TableRow(Place::new(at, count, columns)));
                if row.0.0.opens_row {
                    write!(writer, "<tr class=\"row{}\">", at / columns + 1).map_err(unwritten)?;
                }
                write!(writer, "<td class=\"col{}\">", at % columns + 1).map_err(unwritten)?;
                let scope = Frame::new(runtime, [("tablerow", &row), (self.head.name.as_str(), item.as_view())]);
                self.body.render_to(writer, &scope)?;
                let end = if row.0.0.closes_row { "</td></tr>" } else { "</td>" };
                writer.write_all(end.as_bytes()).map_err(unwritten)?;
            }
            Ok(())
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is what a failed write gives")]
fn unwritten(error: io::Error) -> Error {
    Error::with_msg(format!("cannot write: {error}"))
}
