//! The binary: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    judge_auditor::cli::run(std::env::args_os())
}
