//! The binary, which only calls the library.

use std::process::ExitCode;

/// Returns memory to the system soon after use, whichever thread used it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    judge_auditor::run(std::env::args_os())
}
