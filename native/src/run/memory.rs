//! Keeping freed memory for the next run.
//!
//! A backtest over a million bars works with a few arrays of megabytes. The C library gives such blocks back to the system when
//! they are freed and asks for fresh pages the next time, which costs more than the arithmetic done on them.

/// Tells the C library to keep freed memory in the process, up to a bound; done once, before the first run.
pub(super) fn keep_freed_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::sync::Once;

        // mallopt(3): blocks below the first bound come from the heap; the heap shrinks when more than the second is free.
        const M_TRIM_THRESHOLD: i32 = -1;
        const M_MMAP_THRESHOLD: i32 = -3;
        const LARGEST_BLOCK: i32 = 32 << 20;
        const KEPT: i32 = 128 << 20;
        static DONE: Once = Once::new();

        unsafe extern "C" {
            fn mallopt(parameter: i32, value: i32) -> i32;
        }
        // SAFETY: mallopt takes two integers, may be called at any time and changes no memory in use.
        DONE.call_once(|| unsafe {
            mallopt(M_MMAP_THRESHOLD, LARGEST_BLOCK);
            mallopt(M_TRIM_THRESHOLD, KEPT);
        });
    }
}
