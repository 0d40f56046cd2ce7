//! A terminal that a program runs in: a pseudo-terminal of the system, and an emulator that says what is on its screen.
//!
//! Always true here: nothing waits for a fixed time; a screen is waited for until it is as it should be, and what the program
//! takes for ever to do ends as a failure.

use std::ffi::{CStr, OsStr};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A screen that is not as it should be after this time never will be.
const HANGS: Duration = Duration::from_secs(60);

/// A screen on which nothing changes for this time is complete, where nobody knows how it should be.
const QUIET: Duration = Duration::from_millis(500);

/// How often a screen is looked at.
const LOOK: Duration = Duration::from_millis(5);

/// Columns and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub u16, pub u16);

/// A program in a terminal.
pub struct Terminal {
    child: Child,
    /// The terminal's side; none once it is gone.
    ours: Option<File>,
    parser: vt100::Parser,
    /// How many bytes came.
    bytes: usize,
    changed: Instant,
}

impl Terminal {
    /// Starts a program in a terminal of this size.
    pub fn start(mut command: Command, size: Size) -> std::io::Result<Self> {
        let (ours, theirs) = pair(size)?;
        command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
        // SAFETY: between fork and exec there are two plain system calls.
        unsafe {
            command.pre_exec(|| {
                if libc::setsid() < 0 || libc::ioctl(0, libc::TIOCSCTTY, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
                Ok(())
            });
        }
        let parser = vt100::Parser::new(nonzero(size.1), nonzero(size.0), 0);
        Ok(Self { child: command.spawn()?, ours: Some(ours), parser, bytes: 0, changed: Instant::now() })
    }

    /// Takes what has come to the screen; the end of a terminal is an error, and nothing comes from it.
    fn look(&mut self) {
        let mut chunk = [0; 4096];
        while let Some(Ok(read @ 1..)) = self.ours.as_mut().map(|ours| ours.read(&mut chunk)) {
            self.parser.process(&chunk[..read]);
            self.bytes += read;
            self.changed = Instant::now();
        }
    }

    /// Types.
    pub fn send(&mut self, bytes: &[u8]) -> Result<(), String> {
        let ours = self.ours.as_mut().ok_or("the terminal is gone")?;
        ours.write_all(bytes).map_err(|error| format!("cannot type: {error}"))
    }

    /// Changes the size.
    pub fn resize(&mut self, size: Size) -> Result<(), String> {
        let ours = self.ours.as_ref().ok_or("the terminal is gone")?;
        self.parser.screen_mut().set_size(nonzero(size.1), nonzero(size.0));
        let wanted = window(size);
        // SAFETY: the descriptor is open and the structure is what the call reads.
        match unsafe { libc::ioctl(ours.as_raw_fd(), libc::TIOCSWINSZ, &raw const wanted) } {
            0 => Ok(()),
            _ => Err(format!("cannot resize: {}", std::io::Error::last_os_error())),
        }
    }

    /// Takes the terminal away, as when its window is closed.
    pub fn hang_up(&mut self) {
        self.ours = None;
    }

    /// Waits for a text on the screen, or for one of several with ` | ` between them.
    pub fn see(&mut self, text: &str) -> Result<(), String> {
        if self.wait(|terminal| text.split(" | ").any(|text| terminal.text(false).contains(text))) {
            return Ok(());
        }
        Err(format!("`{text}` never came; the screen is\n{}", self.text(false)))
    }

    /// Waits until the screen is as expected; the error is what it is instead.
    pub fn settles_as(&mut self, expected: &str, colors: bool) -> Result<(), String> {
        if self.wait(|terminal| terminal.text(colors) == expected) { Ok(()) } else { Err(self.text(colors)) }
    }

    /// Waits until nothing changes any more, after so many bytes came.
    pub fn quiet(&mut self, after: usize) {
        self.wait(|terminal| terminal.bytes > after && terminal.changed.elapsed() > QUIET);
    }

    /// How many bytes came so far.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Waits for something, and says whether it came.
    fn wait(&mut self, mut is_so: impl FnMut(&mut Self) -> bool) -> bool {
        let began = Instant::now();
        loop {
            self.look();
            if is_so(self) {
                return true;
            }
            if began.elapsed() > HANGS {
                return false;
            }
            std::thread::sleep(LOOK);
        }
    }

    /// The lines, and where the cursor is; with how each piece looks, where that is wanted.
    pub fn text(&self, colors: bool) -> String {
        let screen = self.parser.screen();
        let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
        let mut lines: Vec<String> = if colors {
            (0..rows).map(|row| styled(screen, row, columns)).collect()
        } else {
            screen.rows(0, columns).map(|line| line.trim_end().to_owned()).collect()
        };
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        let (row, column) = screen.cursor_position();
        let mut text = lines.join("\n");
        let _ = write!(text, "\n-- cursor: line {}, column {}\n", row + 1, column + 1);
        text
    }

    /// Waits for the end; 128 and the signal's number where a signal was it.
    pub fn ended(&mut self) -> Result<i32, String> {
        let mut ended = None;
        self.wait(|terminal| {
            ended = terminal.child.try_wait().ok().flatten();
            ended.is_some()
        });
        let status = ended.ok_or_else(|| format!("it does not end; the screen is\n{}", self.text(false)))?;
        Ok(status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A line with the looks of its pieces: `{red}…{}`.
fn styled(screen: &vt100::Screen, row: u16, columns: u16) -> String {
    let (mut line, mut before) = (String::new(), String::new());
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
        let color = match cell.fgcolor() {
            vt100::Color::Default => String::new(),
            vt100::Color::Idx(1 | 9) => "red".to_owned(),
            vt100::Color::Idx(2 | 10) => "green".to_owned(),
            vt100::Color::Idx(6 | 14) => "cyan".to_owned(),
            other => format!("{other:?}"),
        };
        let looks = [(cell.bold(), "bold"), (cell.dim(), "faint"), (!color.is_empty(), color.as_str())];
        let look = looks.iter().filter(|(has, _)| *has).map(|(_, name)| *name).collect::<Vec<_>>().join(" ");
        if look != before {
            let _ = write!(line, "{{{look}}}");
            before = look;
        }
        line.push_str(if cell.has_contents() { cell.contents() } else { " " });
    }
    line.trim_end().to_owned()
}

fn nonzero(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).expect("a size")
}

fn window(size: Size) -> libc::winsize {
    libc::winsize { ws_col: size.0, ws_row: size.1, ws_xpixel: 0, ws_ypixel: 0 }
}

/// A pseudo-terminal: the terminal's side, and the program's.
fn pair(size: Size) -> std::io::Result<(File, OwnedFd)> {
    let check = |answer| if answer < 0 { Err(std::io::Error::last_os_error()) } else { Ok(answer) };
    // Programs that other cases start at the same time must not keep this terminal open, not even for a moment.
    // SAFETY: a plain system call.
    let ours = check(unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) })?;
    // SAFETY: the call has just opened it.
    let ours = unsafe { File::from_raw_fd(ours) };
    let mut name = [0; 64];
    // SAFETY: the descriptor is open, and the buffer is as long as is said.
    unsafe {
        check(libc::grantpt(ours.as_raw_fd()))?;
        check(libc::unlockpt(ours.as_raw_fd()))?;
        check(-libc::ptsname_r(ours.as_raw_fd(), name.as_mut_ptr(), name.len()))?;
    }
    // SAFETY: the call ended the name with a NUL.
    let name = unsafe { CStr::from_ptr(name.as_ptr()) };
    let theirs =
        File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(OsStr::from_bytes(name.to_bytes()))?;
    let (theirs, wanted) = (OwnedFd::from(theirs), window(size));
    // SAFETY: the descriptors are open, and the structure is what the call reads; who reads from ours looks at other things, too.
    unsafe {
        check(libc::ioctl(ours.as_raw_fd(), libc::TIOCSWINSZ, &raw const wanted))?;
        check(libc::fcntl(ours.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK))?;
    }
    Ok((ours, theirs))
}
