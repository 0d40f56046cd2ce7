//! The seed that random answers are drawn from, and the time.
//!
//! Always true here: in the component, nothing but [`begin`] says what is drawn next.

use std::cell::Cell;

use oxsdatatypes::{DayTimeDuration, Duration};

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(0) };
    static STATE: Cell<u64> = const { Cell::new(0) };
}

/// Sets what is drawn from now on, and the time in seconds since 1970.
///
/// # Errors
/// Says why the generator can't be seeded; in the component it always can.
pub fn begin(seed: u64, now: i64) -> Result<(), String> {
    // Making the generator draws a seed of its own, which must not be taken from this one.
    let mut generator = rand::rng();
    NOW.set(now);
    STATE.set(seed);
    generator.reseed().map_err(|error| error.to_string())
}

/// The time that queries see.
#[unsafe(no_mangle)]
extern "Rust" fn custom_ox_now() -> Duration {
    DayTimeDuration::new(NOW.get()).into()
}

/// The next bytes that follow from the seed (`SplitMix64`).
#[cfg(any(target_arch = "wasm32", test))]
fn fill(bytes: &mut [u8]) {
    let mut state = STATE.get();
    for chunk in bytes.chunks_mut(8) {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        chunk.copy_from_slice(&mixed.to_le_bytes()[..chunk.len()]);
    }
    STATE.set(state);
}

/// The source of randomness of all crates in the component.
///
/// # Safety
/// `destination` points to `length` bytes that may be written.
#[cfg(target_arch = "wasm32")]
#[unsafe(no_mangle)]
unsafe extern "Rust" fn __getrandom_v03_custom(destination: *mut u8, length: usize) -> Result<(), getrandom::Error> {
    // SAFETY: said above; the bytes need no value of their own, as zero is one.
    let bytes = unsafe {
        destination.write_bytes(0, length);
        std::slice::from_raw_parts_mut(destination, length)
    };
    fill(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_whatever_was_drawn_before() {
        let draw = |seed: u64| {
            STATE.set(seed);
            let mut bytes = [0; 21];
            fill(&mut bytes);
            bytes
        };
        let first = draw(7);
        assert_ne!(first, draw(8));
        assert_eq!(first, draw(7));
        assert!(first.iter().any(|byte| *byte != 0));
    }
}
