//! What is drawn on the terminal while a question is asked.
//!
//! Always true here: a frame takes the place of the one before; whoever prints next begins on a line of their own.

use std::io::{self, Write as _};

use crossterm::cursor::{MoveTo, MoveToColumn, MoveToPreviousLine, MoveUp};
use crossterm::queue;
use crossterm::style::{Attribute, Color, Print, ResetColor, SetAttribute, SetForegroundColor};
use crossterm::terminal::{self, Clear, ClearType};

use super::frame::{Frame, Line, Size, Style};
use super::input::{Raw, broken};
use crate::error::Result;

/// A terminal that is drawn on.
#[derive(Debug)]
pub struct Screen {
    colors: bool,
    /// How many lines of the last frame stand above the cursor, and below it.
    drawn: Option<(usize, usize)>,
    _raw: Raw,
}

impl Screen {
    /// Takes over the terminal.
    ///
    /// # Errors
    /// `Io` where that is not possible.
    pub fn open(colors: bool) -> Result<Self> {
        Ok(Self { colors, drawn: None, _raw: Raw::begin()? })
    }

    /// How much fits on it. The last column is left free: terminals differ in what they do behind it.
    pub fn size() -> Size {
        let (columns, rows) = terminal::size().unwrap_or_default();
        let or = |size: u16, usual: usize| if size == 0 { usual } else { usize::from(size) };
        Size { columns: or(columns, 80).saturating_sub(1).max(8), rows: or(rows, 24) }
    }

    /// Draws a frame in place of the last one.
    ///
    /// # Errors
    /// `Io`, as all that draws.
    pub fn draw(&mut self, frame: &Frame) -> Result<()> {
        let mut out = self.cleared()?;
        for (number, line) in frame.lines.iter().enumerate() {
            if number > 0 {
                out.extend(b"\r\n");
            }
            self.write(&mut out, line)?;
        }
        let below = frame.lines.len().saturating_sub(frame.cursor.0 + 1);
        if below > 0 {
            queue!(out, MoveUp(short(below))).map_err(|error| broken(&error))?;
        }
        queue!(out, MoveToColumn(short(frame.cursor.1))).map_err(|error| broken(&error))?;
        self.drawn = Some((frame.cursor.0, below));
        show(&out)
    }

    /// Puts one line where the last frame is, and goes on below it.
    ///
    /// # Errors
    /// As [`Screen::draw`].
    pub fn leave(&mut self, line: Option<&Line>) -> Result<()> {
        let mut out = self.cleared()?;
        if let Some(line) = line {
            self.write(&mut out, line)?;
            out.extend(b"\r\n");
        }
        show(&out)
    }

    /// Takes away so many lines that were left above.
    ///
    /// # Errors
    /// As [`Screen::draw`].
    pub fn take_back(&mut self, lines: usize) -> Result<()> {
        let mut out = self.cleared()?;
        if lines > 0 {
            queue!(out, MoveToPreviousLine(short(lines)), Clear(ClearType::FromCursorDown))
                .map_err(|error| broken(&error))?;
        }
        show(&out)
    }

    /// Clears all of the screen, because nobody knows where things are, and puts lines there again.
    ///
    /// # Errors
    /// As [`Screen::draw`].
    pub fn start_over(&mut self, lines: &[Line]) -> Result<()> {
        self.drawn = None;
        let mut out = Vec::new();
        queue!(out, Clear(ClearType::All), MoveTo(0, 0)).map_err(|error| broken(&error))?;
        for line in lines {
            self.write(&mut out, line)?;
            out.extend(b"\r\n");
        }
        show(&out)
    }

    /// Begins with what takes the last frame away.
    fn cleared(&mut self) -> Result<Vec<u8>> {
        let mut out = Vec::new();
        if let Some((above, _)) = self.drawn.take().filter(|(above, _)| *above > 0) {
            queue!(out, MoveUp(short(above))).map_err(|error| broken(&error))?;
        }
        queue!(out, MoveToColumn(0), Clear(ClearType::FromCursorDown)).map_err(|error| broken(&error))?;
        Ok(out)
    }

    fn write(&self, out: &mut Vec<u8>, line: &Line) -> Result<()> {
        let written = line.pieces.iter().try_for_each(|(style, text)| {
            let styled = self.colors && *style != Style::Plain;
            if styled {
                match style {
                    Style::Plain => Ok(()),
                    Style::Title => queue!(out, SetAttribute(Attribute::Bold)),
                    Style::Faint => queue!(out, SetAttribute(Attribute::Dim)),
                    Style::Wrong => queue!(out, SetForegroundColor(Color::Red)),
                    Style::Chosen => queue!(out, SetForegroundColor(Color::Cyan)),
                }?;
            }
            queue!(out, Print(text))?;
            if styled { queue!(out, SetAttribute(Attribute::Reset), ResetColor) } else { Ok(()) }
        });
        written.map_err(|error| broken(&error))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let lines = self.drawn.map_or(0, |(_, below)| below + 1);
        let _ = show(&b"\r\n".repeat(lines));
    }
}

fn show(out: &[u8]) -> Result<()> {
    let mut stderr = io::stderr().lock();
    stderr.write_all(out).and_then(|()| stderr.flush()).map_err(|error| broken(&error))
}

fn short(number: usize) -> u16 {
    u16::try_from(number).unwrap_or(u16::MAX)
}
