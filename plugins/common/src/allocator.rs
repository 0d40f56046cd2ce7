//! The guest's memory allocator: freed blocks are kept by size and handed out again.
//!
//! Blocks of up to [`LARGEST`] bytes come from chunks and are rounded up to a size class; a freed block waits in its
//! class's list for the next request of that class, and never becomes part of a block of another size. Larger blocks,
//! and chunks, come from the allocator below. That is less general than what it replaces, and about twice as fast at
//! what a template engine does: very many small blocks, most of them freed soon.
//!
//! A heap must not be used by two threads at once.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::{self, NonNull};

/// The largest block, in bytes, that comes out of a size class.
pub const LARGEST: usize = 32 << 10;
/// How much is asked for, in bytes, when a heap has no room left.
const CHUNK: usize = 256 << 10;
/// Blocks are aligned to this, in bytes, and small classes are this far apart.
const STEP: usize = 8;
/// Up to this size, in bytes, classes are one step apart; above it, a quarter of a power of two.
const SMALL: usize = 512;
const SMALL_CLASSES: usize = SMALL / STEP;
/// From 512 bytes to 32 KiB: six doublings of four classes each.
const CLASSES: usize = SMALL_CLASSES + 6 * 4;

/// A freed block: the rest of its list.
struct Free(Option<NonNull<Free>>);

/// A heap over an allocator that it gets large blocks and chunks from.
pub struct Heap<Below> {
    free: [Option<NonNull<Free>>; CLASSES],
    /// What is left of the current chunk.
    next: *mut u8,
    left: usize,
    below: Below,
}

impl<Below: GlobalAlloc> Heap<Below> {
    /// Creates a heap without memory.
    pub const fn new(below: Below) -> Self {
        Self { free: [None; CLASSES], next: ptr::null_mut(), left: 0, below }
    }

    /// Gives the heap memory to use before it asks for more.
    ///
    /// # Safety
    ///
    /// The `length` bytes at `start` must belong to the heap from now on, for as long as it or a block of it is used.
    pub unsafe fn donate(&mut self, start: *mut u8, length: usize) {
        let skipped = start.align_offset(STEP).min(length);
        // SAFETY: `skipped` is at most `length`.
        self.next = unsafe { start.add(skipped) };
        self.left = length - skipped;
    }

    /// Allocates a block.
    ///
    /// # Safety
    ///
    /// As for [`GlobalAlloc::alloc`].
    #[inline]
    pub unsafe fn allocate(&mut self, layout: Layout) -> *mut u8 {
        let Some(class) = class_of(layout) else {
            // SAFETY: the caller's promise is the one that is asked for.
            return unsafe { self.below.alloc(layout) };
        };
        match self.free[class] {
            Some(block) => {
                // SAFETY: what is in a list is free, and was written when it was put there.
                self.free[class] = unsafe { block.as_ref() }.0;
                block.as_ptr().cast()
            }
            None => self.carve(size_of_class(class)),
        }
    }

    /// Frees a block.
    ///
    /// # Safety
    ///
    /// As for [`GlobalAlloc::dealloc`].
    #[inline]
    pub unsafe fn free(&mut self, block: *mut u8, layout: Layout) {
        let Some(class) = class_of(layout) else {
            // SAFETY: a layout without a class was allocated below.
            return unsafe { self.below.dealloc(block, layout) };
        };
        // SAFETY: the block is at least `STEP` bytes long and aligned, and nobody else uses it any more.
        unsafe {
            #[expect(clippy::cast_ptr_alignment, reason = "blocks are aligned to a step")]
            let block = NonNull::new_unchecked(block.cast::<Free>());
            block.write(Free(self.free[class]));
            self.free[class] = Some(block);
        }
    }

    /// Changes the size of a block, moving it if need be.
    ///
    /// # Safety
    ///
    /// As for [`GlobalAlloc::realloc`].
    pub unsafe fn resize(&mut self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `size`, rounded up to the alignment, does not overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (class_of(layout), class_of(wanted)) {
            // SAFETY: both layouts were, or would be, allocated below.
            (None, None) => unsafe { self.below.realloc(block, layout, size) },
            (Some(old), Some(new)) if old == new => block,
            // SAFETY: the old block is as long as its layout says, the new one as `wanted` says, and they are apart.
            _ => unsafe {
                let moved = self.allocate(wanted);
                if !moved.is_null() {
                    ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                    self.free(block, layout);
                }
                moved
            },
        }
    }

    /// Cuts a block off the current chunk.
    #[inline(never)]
    fn carve(&mut self, size: usize) -> *mut u8 {
        if size > self.left && !self.refill() {
            return ptr::null_mut();
        }
        let block = self.next;
        // SAFETY: at least `size` bytes of the chunk are left.
        self.next = unsafe { block.add(size) };
        self.left -= size;
        block
    }

    /// Replaces the chunk. What was left of the old one, less than the largest class, is given up.
    #[cold]
    fn refill(&mut self) -> bool {
        // SAFETY: the layout is not empty.
        let chunk = unsafe { self.below.alloc(Layout::from_size_align_unchecked(CHUNK, STEP)) };
        if chunk.is_null() {
            return false;
        }
        self.next = chunk;
        self.left = CHUNK;
        true
    }
}

/// Returns the class of a layout, or none if it is too large or aligned too strictly.
#[inline]
fn class_of(layout: Layout) -> Option<usize> {
    let size = layout.size();
    if size > LARGEST || layout.align() > STEP {
        None
    } else if size <= SMALL {
        Some(size.saturating_sub(1) / STEP)
    } else {
        let last = size - 1;
        let power = last.ilog2() as usize;
        Some(SMALL_CLASSES + (power - SMALL.ilog2() as usize) * 4 + ((last >> (power - 2)) & 3))
    }
}

/// Returns the size, in bytes, of the blocks of a class.
#[inline]
fn size_of_class(class: usize) -> usize {
    if class < SMALL_CLASSES {
        (class + 1) * STEP
    } else {
        let above = class - SMALL_CLASSES;
        let quarter = (SMALL / 4) << (above / 4);
        quarter * (5 + above % 4)
    }
}

#[cfg(target_arch = "wasm32")]
mod global {
    //! The heap of the component, over the standard library's allocator.

    use std::alloc::{GlobalAlloc, Layout, System};
    use std::cell::UnsafeCell;
    use std::mem::MaybeUninit;

    use super::Heap;

    /// How much memory the component starts with besides its stack and its data, in bytes.
    const INITIAL: usize = 1 << 20;

    #[global_allocator]
    static ALLOCATOR: Global = Global(UnsafeCell::new(State { heap: Heap::new(System), started: false }));

    struct Global(UnsafeCell<State>);

    struct State {
        heap: Heap<System>,
        started: bool,
    }

    // SAFETY: the component has no threads.
    unsafe impl Sync for Global {}

    /// Memory that the component has from its start, so that small calls never need to ask the host for more.
    struct Initial(UnsafeCell<[MaybeUninit<u64>; INITIAL / 8]>);

    // SAFETY: as above.
    unsafe impl Sync for Initial {}

    static INITIAL_MEMORY: Initial = Initial(UnsafeCell::new([MaybeUninit::uninit(); INITIAL / 8]));

    // SAFETY: each function forwards its contract. No reference to the state outlives a call, and none of the heap's
    // functions calls back.
    unsafe impl GlobalAlloc for Global {
        #[inline]
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as above.
            let state = unsafe { &mut *self.0.get() };
            if !state.started {
                start(state);
            }
            // SAFETY: as above.
            unsafe { state.heap.allocate(layout) }
        }

        #[inline]
        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: as above.
            unsafe { (*self.0.get()).heap.free(block, layout) }
        }

        #[inline]
        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: as above.
            unsafe { (*self.0.get()).heap.resize(block, layout, size) }
        }
    }

    #[cold]
    fn start(state: &mut State) {
        state.started = true;
        // SAFETY: nobody else ever names this memory.
        unsafe { state.heap.donate(INITIAL_MEMORY.0.get().cast(), INITIAL) };
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::System;

    use super::*;

    #[test]
    fn every_size_fits_its_class_and_no_smaller_one() {
        for size in 0..=LARGEST {
            let class = class_of(Layout::from_size_align(size, 8).unwrap()).unwrap();
            assert!(class < CLASSES, "{size}");
            assert!(size_of_class(class) >= size, "{size}");
            assert!(size_of_class(class).is_multiple_of(STEP), "{size}");
            assert!(class == 0 || size_of_class(class - 1) < size, "{size}");
        }
        assert_eq!(size_of_class(CLASSES - 1), LARGEST);
        assert_eq!(class_of(Layout::from_size_align(LARGEST + 1, 1).unwrap()), None);
        assert_eq!(class_of(Layout::from_size_align(8, 16).unwrap()), None);
    }

    /// Runs a long, fixed sequence of requests and checks that no two blocks overlap and no byte changes.
    #[test]
    fn blocks_keep_their_bytes() {
        let mut heap = Heap::new(System);
        let mut blocks: Vec<(*mut u8, Layout, u8)> = Vec::new();
        let mut state = 1_u64;
        let mut random = move |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 33).unwrap() % below
        };
        for round in 0..40_000 {
            let mark = u8::try_from(round % 251).unwrap();
            // Blocks are changed only if they still hold what was written last.
            let whole = |(block, layout, mark): (*mut u8, Layout, u8), length: usize| {
                // SAFETY: the block is `length` bytes long at least, and was filled.
                let bytes = unsafe { std::slice::from_raw_parts(block, length.min(layout.size())) };
                assert!(bytes.iter().all(|byte| *byte == mark));
            };
            let size = if random(20) == 0 { random(100_000) + 1 } else { random(700) + 1 };
            match random(3) {
                0 if !blocks.is_empty() => {
                    let taken = blocks.swap_remove(random(blocks.len()));
                    whole(taken, usize::MAX);
                    // SAFETY: the block is live, and forgotten here.
                    unsafe { heap.free(taken.0, taken.1) };
                }
                1 if !blocks.is_empty() => {
                    let at = random(blocks.len());
                    let (block, layout, old) = blocks[at];
                    // SAFETY: the block is live.
                    let moved = unsafe { heap.resize(block, layout, size) };
                    let layout_now = Layout::from_size_align(size, layout.align()).unwrap();
                    whole((moved, layout_now, old), layout.size());
                    // SAFETY: the block is `size` bytes long.
                    unsafe { moved.write_bytes(mark, size) };
                    blocks[at] = (moved, layout_now, mark);
                }
                _ => {
                    let layout = Layout::from_size_align(size, 1 << random(6)).unwrap();
                    // SAFETY: the layout is not empty.
                    let block = unsafe { heap.allocate(layout) };
                    assert!(!block.is_null() && (block as usize).is_multiple_of(layout.align()));
                    // SAFETY: the block is `size` bytes long.
                    unsafe { block.write_bytes(mark, size) };
                    blocks.push((block, layout, mark));
                }
            }
        }
        for (block, layout, mark) in blocks {
            // SAFETY: the block is live.
            let bytes = unsafe { std::slice::from_raw_parts(block, layout.size()) };
            assert!(bytes.iter().all(|byte| *byte == mark));
            // SAFETY: the block is live, and not used after this.
            unsafe { heap.free(block, layout) };
        }
    }

    #[test]
    fn a_freed_block_is_handed_out_again() {
        let mut heap = Heap::new(System);
        let layout = Layout::from_size_align(40, 8).unwrap();
        // SAFETY: each block is freed once, with its own layout.
        unsafe {
            let first = heap.allocate(layout);
            heap.free(first, layout);
            assert_eq!(heap.allocate(Layout::from_size_align(33, 4).unwrap()), first);
            assert_ne!(heap.allocate(layout), first);
        }
    }

    #[test]
    fn donated_memory_is_used_first() {
        let mut heap = Heap::new(System);
        let mut memory = [0_u64; 16];
        let range = memory.as_mut_ptr_range();
        let layout = Layout::from_size_align(64, 8).unwrap();
        // SAFETY: the memory outlives the heap and is not used otherwise.
        unsafe {
            heap.donate(range.start.cast::<u8>().add(1), 127);
            let inside = heap.allocate(layout);
            assert_eq!(inside, range.start.cast::<u8>().add(8));
            let outside = heap.allocate(layout);
            assert!(!(range.start.cast()..range.end.cast()).contains(&outside));
        }
    }
}
