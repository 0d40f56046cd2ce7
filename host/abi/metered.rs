//! Lists and strings that are counted before they are copied out of a guest.
//!
//! wasmtime has a limit of its own on what is copied (`hostcall_fuel`), but the error that it gives cannot be told from
//! that of a malformed result. So each list and string of a result type is a [`Metered`] one: it looks at its length
//! first, takes it from the [`CallBudget`] of the running call and from what the run may hold, and stops the call with a typed [`Stop`] when that is used up.
//! wasmtime's limit is set above ours, as a second line.
//!
//! Always true here: a `Metered<T>` has the layout and the canonical ABI of `T`; every method hands on to `T`'s.

use std::cell::Cell;

use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext};
use wasmtime::component::{ComponentType, Lift, Resource};
use wasmtime::{Result, ValRaw};

use crate::limits::Held;
use crate::show::count;
use crate::stop::{Stop, StopReason};

/// What a call may still give back.
#[derive(Debug)]
pub struct CallBudget {
    /// Bytes of the result that are left.
    pub result: u64,
    /// Bytes that the result may have.
    pub result_limit: u64,
    /// Outputs that one list may have.
    pub outputs_limit: u64,
    /// Bytes of log messages that are left.
    pub log: u64,
    /// Bytes of log messages that a call may give.
    pub log_limit: u64,
    /// What the run holds for the result.
    pub held: Held,
}

thread_local! {
    static BUDGET: Cell<Option<CallBudget>> = const { Cell::new(None) };
}

/// Runs a call under a budget, and gives what the run holds for its result; calls are not nested.
pub fn with_budget<T>(budget: CallBudget, call: impl FnOnce() -> T) -> (T, Held) {
    struct Reset;
    impl Drop for Reset {
        fn drop(&mut self) {
            BUDGET.set(None);
        }
    }
    BUDGET.set(Some(budget));
    let _reset = Reset;
    let given = call();
    (given, BUDGET.take().map(|budget| budget.held).unwrap_or_default())
}

/// Bytes that each log message counts beside its text, so that empty ones are not free.
pub const LOG_OVERHEAD: u64 = 64;

/// What a list's elements count as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Bytes of the result.
    Bytes,
    /// Bytes of the result, and files.
    Outputs,
    /// Bytes of log.
    Log,
}

/// A list or string type that can be counted by its length.
pub trait Countable: Lift + ComponentType<Lower = [ValRaw; 2]> {
    /// Bytes that an element takes in the host.
    const ELEMENT: usize;
    /// What its elements count as.
    const COUNTED: Counted = Counted::Bytes;
}

impl Countable for String {
    const ELEMENT: usize = 1;
}

impl<T: CountedElement> Countable for Vec<T> {
    const ELEMENT: usize = size_of::<T>();
    const COUNTED: Counted = T::COUNTED;
}

/// An element of a counted list.
pub trait CountedElement: Lift {
    /// What it counts as.
    const COUNTED: Counted = Counted::Bytes;
}

impl CountedElement for u8 {}
impl CountedElement for u32 {}
impl<T: Lift, E: Lift> CountedElement for Result<T, E> {}
impl<T: Countable> CountedElement for Metered<T> {}
impl<T: 'static> CountedElement for Resource<T> {}

fn charge(length: u32, element: usize, counted: Counted) -> Result<()> {
    // The highest bit of a length tags the encoding of some strings; it is no part of the length.
    let length = u64::from(length & 0x7fff_ffff);
    change(|budget| {
        if counted == Counted::Outputs && length > budget.outputs_limit {
            let detail =
                format!("one job returned {}, but the limit is {}", count(length, "file"), budget.outputs_limit);
            return Err(Stop::new(StopReason::Outputs, detail).limit(budget.outputs_limit));
        }
        budget.take(length.saturating_mul(element as u64), counted)
    })
}

fn charge_bytes(bytes: u64, counted: Counted) -> Result<()> {
    change(|budget| budget.take(bytes, counted))
}

/// Changes the budget of the running call, where there is one.
fn change(change: impl FnOnce(&mut CallBudget) -> Result<(), Stop>) -> Result<()> {
    let Some(mut budget) = BUDGET.take() else {
        return Ok(());
    };
    let changed = change(&mut budget);
    BUDGET.set(Some(budget));
    Ok(changed?)
}

impl CallBudget {
    fn take(&mut self, bytes: u64, counted: Counted) -> Result<(), Stop> {
        match counted {
            Counted::Bytes | Counted::Outputs => {
                self.result = self.result.checked_sub(bytes).ok_or_else(|| {
                    let most = crate::text::format_bytes(self.result_limit);
                    let detail = format!("the result is larger than {most}, the limit for one call");
                    Stop::new(StopReason::Result, detail).limit(self.result_limit)
                })?;
                self.held.grow(bytes)
            }
            Counted::Log => {
                self.log = self.log.checked_sub(bytes.saturating_add(LOG_OVERHEAD)).ok_or_else(|| {
                    let most = crate::text::format_bytes(self.log_limit);
                    let detail = format!("the log messages are larger than {most}, the limit for one call");
                    Stop::new(StopReason::Log, detail).limit(self.log_limit)
                })?;
                Ok(())
            }
        }
    }
}

/// Takes bytes from what the running call may give back.
///
/// # Errors
/// A [`Stop`] where there are not so many left.
pub fn count_result(bytes: u64) -> Result<()> {
    charge_bytes(bytes, Counted::Bytes)
}

/// Takes bytes from what the running call may log.
///
/// # Errors
/// A [`Stop`] where there are not so many left.
pub fn count_log(bytes: u64) -> Result<()> {
    charge_bytes(bytes, Counted::Log)
}

/// A log message: a string that counts as log.
#[derive(Debug)]
pub struct LogText(pub String);

/// Printed bytes that count as log.
#[derive(Debug)]
pub struct LogBytes(pub Vec<u8>);

/// A list or string that is counted before it is copied.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Metered<T>(pub T);

/// The texts of a list.
#[must_use]
pub fn texts(list: &Metered<Vec<Metered<String>>>) -> Vec<&str> {
    list.0.iter().map(|text| text.0.as_str()).collect()
}

macro_rules! count_before_lifting {
    ([$($generics:tt)*] $type:ty, $inner:ty, $element:expr, $counted:expr) => {
        // SAFETY: everything that describes the type is the inner type's, to which lifting hands on.
        unsafe impl<$($generics)*> ComponentType for $type {
            type Lower = <$inner as ComponentType>::Lower;
            const ABI: CanonicalAbiInfo = <$inner as ComponentType>::ABI;

            fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
                <$inner as ComponentType>::typecheck(ty, types)
            }
        }

        // SAFETY: as above.
        unsafe impl<$($generics)*> Lift for $type {
            fn linear_lift_from_flat(
                cx: &mut LiftContext<'_>,
                ty: InterfaceType,
                src: &Self::Lower,
            ) -> Result<Self> {
                charge(src[1].get_u32(), $element, $counted)?;
                <$inner as Lift>::linear_lift_from_flat(cx, ty, src).map(Self)
            }

            fn linear_lift_from_memory(
                cx: &mut LiftContext<'_>,
                ty: InterfaceType,
                bytes: &[u8],
            ) -> Result<Self> {
                let length = bytes.get(4..8).and_then(|length| length.try_into().ok()).map_or(0, u32::from_le_bytes);
                charge(length, $element, $counted)?;
                <$inner as Lift>::linear_lift_from_memory(cx, ty, bytes).map(Self)
            }
        }
    };
}

count_before_lifting!([T: Countable] Metered<T>, T, T::ELEMENT, T::COUNTED);
count_before_lifting!([] LogText, String, 1, Counted::Log);
count_before_lifting!([] LogBytes, Vec<u8>, 1, Counted::Log);
