//! The keys that come from the terminal.
//!
//! Always true here: the terminal is as it was once a [`Raw`] is dropped; a terminal that is gone is an error, and an
//! interrupt ends every wait within a tenth of a second.

use std::io;
use std::time::Duration;

use crossterm::event::{
    self, DisableBracketedPaste, EnableBracketedPaste, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use crossterm::execute;
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::keys::Key;
use crate::error::{Error, ErrorKind, Result};
use crate::interrupt::Interrupt;

/// How often an interrupt is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// A terminal that hands on every key as it is pressed and shows none.
#[derive(Debug)]
pub struct Raw(());

impl Raw {
    /// Begins.
    ///
    /// # Errors
    /// `Io` where that is not possible.
    pub fn begin() -> Result<Self> {
        enable_raw_mode().map_err(|error| broken(&error))?;
        let raw = Self(());
        execute!(io::stderr(), EnableBracketedPaste).map_err(|error| broken(&error))?;
        Ok(raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = execute!(io::stderr(), DisableBracketedPaste);
        let _ = disable_raw_mode();
    }
}

/// Waits for a key.
///
/// # Errors
/// `Interrupted` where the user asked to stop or the terminal is gone, `Io`.
pub fn next(interrupt: &Interrupt) -> Result<Key> {
    loop {
        if interrupt.is_set() {
            return Err(left());
        }
        wait(Duration::ZERO)?;
        // What comes is taken only where it is there: crossterm waits for ever at a terminal that is gone.
        if event::poll(Duration::ZERO).map_err(|error| broken(&error))? {
            if let Some(key) = key_of(event::read().map_err(|error| broken(&error))?) {
                return Ok(key);
            }
        } else {
            wait(LOOK)?;
        }
    }
}

/// Waits until there is something to read.
///
/// # Errors
/// As [`next`].
pub fn ready(interrupt: &Interrupt) -> Result<()> {
    loop {
        if interrupt.is_set() {
            return Err(left());
        }
        if wait(LOOK)? {
            return Ok(());
        }
    }
}

/// Somebody left.
pub fn left() -> Error {
    Error::new(ErrorKind::Interrupted, "interrupted")
}

/// The terminal does not do what terminals do.
pub fn broken(error: &io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("cannot ask on this terminal ({error})"))
        .hint("give values with `--var`, or run with `--no-input`")
}

fn key_of(event: Event) -> Option<Key> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(key_of_code(key)),
        Event::Paste(text) => Some(Key::Paste(text.replace("\r\n", "\n").replace('\r', "\n"))),
        Event::Resize(..) => Some(Key::Resized),
        _ => None,
    }
}

fn key_of_code(KeyEvent { code, modifiers, .. }: KeyEvent) -> Key {
    let control = modifiers.contains(KeyModifiers::CONTROL);
    let by_word = modifiers.intersects(KeyModifiers::CONTROL | KeyModifiers::ALT);
    match code {
        KeyCode::Char(character) if control => match character.to_ascii_lowercase() {
            'a' => Key::Home,
            'b' => Key::Left,
            'c' => Key::Leave,
            'd' => Key::DeleteOrLeave,
            'e' => Key::End,
            'f' => Key::Right,
            'h' => Key::DeleteLeft,
            'j' => Key::Line,
            'k' => Key::DeleteToEnd,
            'm' => Key::Enter,
            'n' => Key::Down,
            'p' => Key::Up,
            'u' => Key::DeleteToStart,
            'w' => Key::DeleteWordLeft,
            _ => Key::Other,
        },
        KeyCode::Char('b') | KeyCode::Left if by_word => Key::WordLeft,
        KeyCode::Char('d') | KeyCode::Delete if by_word => Key::DeleteWordRight,
        KeyCode::Char('f') | KeyCode::Right if by_word => Key::WordRight,
        KeyCode::Char(_) if by_word => Key::Other,
        KeyCode::Char(character) => Key::Char(character),
        KeyCode::Enter if by_word => Key::Line,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Back,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Backspace if by_word => Key::DeleteWordLeft,
        KeyCode::Backspace => Key::DeleteLeft,
        KeyCode::Delete => Key::DeleteRight,
        KeyCode::Tab => Key::Tab,
        _ => Key::Other,
    }
}

/// Waits until there is something to read, for so long at the most; says whether there is.
///
/// # Errors
/// `Interrupted` where the terminal is gone.
#[cfg(unix)]
fn wait(most: Duration) -> Result<bool> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let stdin = io::stdin();
    let mut waited = [PollFd::new(&stdin, PollFlags::IN)];
    let most = Timespec { tv_sec: 0, tv_nsec: most.subsec_nanos().into() };
    match poll(&mut waited, Some(&most)) {
        Ok(_) if waited[0].revents().intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) => {
            // The signal that says so may come a little later: whichever comes first, the program ends by it, unless it is
            // ignored, as below `nohup`.
            let _ = signal_hook::low_level::raise(signal_hook::consts::SIGHUP);
            Err(left())
        }
        Ok(ready) => Ok(ready > 0),
        Err(rustix::io::Errno::INTR) => Ok(false),
        Err(error) => Err(broken(&error.into())),
    }
}

/// Elsewhere nobody knows whether a terminal is gone.
#[cfg(not(unix))]
fn wait(most: Duration) -> Result<bool> {
    event::poll(most).map_err(|error| broken(&error))
}
