//! The binary: everything is in the library.

use std::process::ExitCode;

/// Gives memory back to the system soon after it was used, whichever thread used it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    judge_auditor::run(std::env::args_os())
}
