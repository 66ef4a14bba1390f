//! `nnrp-echo`: arguments in, one command, report out, exit code set.

use std::io::{self, Read};
use std::process::ExitCode;
use std::sync::Arc;

use nnrp_conformance::arguments::{self, Call, Command, Serve, UsageError};
use nnrp_conformance::call::call;
use nnrp_conformance::console;
use nnrp_conformance::log::Log;
use nnrp_conformance::serve::serve;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tracing::level_filters::LevelFilter;

const FAILED: u8 = 1;
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments = console::arguments().map_err(UsageError);
    match arguments.and_then(arguments::parse) {
        Ok(Command::Help) => print(&arguments::manual()),
        Ok(Command::Version) => print(concat!("nnrp-echo ", env!("CARGO_PKG_VERSION"), "\n")),
        Ok(Command::Serve(settings)) => run(settings.log, |runtime| run_serve(runtime, &settings)),
        Ok(Command::Call(settings)) => run(settings.log, |runtime| run_call(runtime, &settings)),
        Err(UsageError(message)) => {
            console::complain(&format!("nnrp-echo: {message}"));
            ExitCode::from(USAGE)
        }
    }
}

fn run(level: LevelFilter, command: impl FnOnce(&Runtime) -> ExitCode) -> ExitCode {
    let _log = match Log::start(level) {
        Ok(log) => log,
        Err(message) => return failed(&message),
    };
    match Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => command(&runtime),
        Err(error) => failed(&format!("cannot start the async runtime: {error}")),
    }
}

fn run_serve(runtime: &Runtime, settings: &Serve) -> ExitCode {
    let outcome = runtime.block_on(async {
        let stop = stop_signal(settings.watch_stdin)?;
        serve(settings, stop).await
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => failed(&message),
    }
}

fn run_call(runtime: &Runtime, settings: &Call) -> ExitCode {
    let mut report = runtime.block_on(call(settings));
    let mut line = if settings.json {
        report.json(settings)
    } else {
        report.sentence(settings)
    };
    line.push('\n');
    let printed = print(&line);
    for error in &report.errors {
        console::complain(&format!("nnrp-echo: {error}"));
    }
    if report.is_success() {
        printed
    } else {
        ExitCode::from(FAILED)
    }
}

fn print(text: &str) -> ExitCode {
    match console::print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&format!("cannot write to stdout: {error}")),
    }
}

fn failed(message: &str) -> ExitCode {
    console::complain(&format!("nnrp-echo: {message}"));
    ExitCode::from(FAILED)
}

/// Done when the server is to end. The handlers are in place when this returns, so no signal is missed.
fn stop_signal(watch_stdin: bool) -> Result<impl Future<Output = ()>, String> {
    let stop = Arc::new(Notify::new());
    watch_signals(&stop).map_err(|error| format!("cannot watch for signals: {error}"))?;
    if watch_stdin && stdin_has_an_end() {
        watch_end_of_stdin(Arc::clone(&stop));
    }
    Ok(async move { stop.notified().await })
}

#[cfg(unix)]
fn watch_signals(stop: &Arc<Notify>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let (mut signal, stop) = (signal(kind)?, Arc::clone(stop));
        tokio::spawn(async move {
            signal.recv().await;
            stop.notify_one();
        });
    }
    Ok(())
}

#[cfg(windows)]
fn watch_signals(stop: &Arc<Notify>) -> io::Result<()> {
    let (mut signal, stop) = (tokio::signal::windows::ctrl_c()?, Arc::clone(stop));
    tokio::spawn(async move {
        signal.recv().await;
        stop.notify_one();
    });
    Ok(())
}

/// Whether somebody holds the other end of stdin and can end it. `/dev/null`, which a closed stdin becomes, only looks like an end.
#[cfg(unix)]
fn stdin_has_an_end() -> bool {
    use std::io::IsTerminal;
    use std::os::unix::fs::FileTypeExt;
    let is_device =
        std::fs::metadata("/dev/fd/0").is_ok_and(|metadata| metadata.file_type().is_char_device());
    io::stdin().is_terminal() || !is_device
}

#[cfg(windows)]
fn stdin_has_an_end() -> bool {
    true
}

/// Reads on a thread of its own, which ends with the process: stdin cannot be read without blocking on every platform.
fn watch_end_of_stdin(stop: Arc<Notify>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 1024];
        while matches!(io::stdin().lock().read(&mut buffer), Ok(1..)) {}
        stop.notify_one();
    });
}
