//! What the C library does with freed memory: a backtest wants it kept for the next one, a bot wants it given back.

use pyo3::prelude::*;

/// Tells the C library to keep freed memory in the process, up to a bound; done once, before the first run.
///
/// A backtest over a million bars works with a few arrays of megabytes. The C library gives such blocks back to the system
/// when they are freed and asks for fresh pages the next time, which costs more than the arithmetic done on them.
pub(super) fn keep_freed_memory() {
    use std::sync::Once;

    const LARGEST_BLOCK: i32 = 32 << 20;
    const KEPT: i32 = 128 << 20;
    static DONE: Once = Once::new();
    DONE.call_once(|| bound(LARGEST_BLOCK, KEPT));
}

/// Tells the C library to give large blocks back to the system as soon as they are freed.
///
/// By itself it keeps blocks as large as the largest that was ever freed. What a bot saves now and then is as large as all
/// it remembers, a little larger each time, and would leave holes into which the next does not fit.
#[pyfunction]
fn give_back_freed_memory() {
    const LARGEST_BLOCK: i32 = 128 << 10;
    bound(LARGEST_BLOCK, LARGEST_BLOCK);
}

/// mallopt(3): blocks below the first bound come from the heap; the heap shrinks when more than the second is free.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn bound(largest_block: i32, kept: i32) {
    const M_TRIM_THRESHOLD: i32 = -1;
    const M_MMAP_THRESHOLD: i32 = -3;

    unsafe extern "C" {
        fn mallopt(parameter: i32, value: i32) -> i32;
    }
    // SAFETY: mallopt takes two integers, may be called at any time and changes no memory in use.
    unsafe {
        mallopt(M_MMAP_THRESHOLD, largest_block);
        mallopt(M_TRIM_THRESHOLD, kept);
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn bound(_largest_block: i32, _kept: i32) {}

/// Adds the module's functions.
pub(super) fn register(m: &Bound<'_, PyModule>) -> PyResult<()> {
    m.add_function(wrap_pyfunction!(give_back_freed_memory, m)?)
}
