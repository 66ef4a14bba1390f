//! `nnrp-conformance`: decodes a corpus to canonical lines, or replays the test vectors.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use nnrp_conformance::console;
use nnrp_conformance::decode::{DecodeError, write_lines};
use nnrp_conformance::vectors;

const FAILED: u8 = 1;
const UNUSABLE: u8 = 2;

/// All built-in vectors are a hundredth of this.
const MOST_VECTOR_BYTES: u64 = 16 << 20;

const HELP: &str = "\
nnrp-conformance: what the codecs make of bytes

  nnrp-conformance decode --corpus FILE    one JSON line an entry of the corpus
  nnrp-conformance vectors [--file FILE]   replays the built-in test vectors, or those of FILE
  nnrp-conformance --help | --version

exit codes: 0 ok, 1 a vector fails or the output cannot be written, 2 usage, or FILE cannot be read or is malformed
";

fn main() -> ExitCode {
    let arguments = match console::arguments() {
        Ok(arguments) => arguments,
        Err(message) => {
            console::complain(&format!("nnrp-conformance: {message}"));
            return ExitCode::from(UNUSABLE);
        }
    };
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["decode", "--corpus", file] => decode(Path::new(file)),
        ["vectors"] => replay(None),
        ["vectors", "--file", file] => replay(Some(PathBuf::from(file))),
        ["--help" | "-h" | "help"] | ["decode" | "vectors", "--help" | "-h"] => print(HELP),
        ["--version"] => print(concat!(
            "nnrp-conformance ",
            env!("CARGO_PKG_VERSION"),
            "\n"
        )),
        [] => {
            console::complain(&format!("nnrp-conformance: a command is missing\n\n{HELP}"));
            ExitCode::from(UNUSABLE)
        }
        ["decode" | "vectors", ..] => {
            let given = arguments.join(" ");
            console::complain(&format!(
                "nnrp-conformance: \"{given}\" has too many or too few arguments\n\n{HELP}"
            ));
            ExitCode::from(UNUSABLE)
        }
        [other, ..] => {
            console::complain(&format!(
                "nnrp-conformance: there is no command \"{other}\"\n\n{HELP}"
            ));
            ExitCode::from(UNUSABLE)
        }
    }
}

fn decode(path: &Path) -> ExitCode {
    let source = match File::open(path) {
        Ok(file) => BufReader::with_capacity(1 << 20, file),
        Err(error) => return unusable(path, &format!("cannot be opened: {error}")),
    };
    let lines = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    match write_lines(source, lines) {
        Ok(_) => ExitCode::SUCCESS,
        Err(DecodeError::Corpus(error)) => unusable(path, &error.to_string()),
        // Whoever reads the lines has seen enough.
        Err(DecodeError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => {
            ExitCode::from(FAILED)
        }
        Err(DecodeError::Output(error)) => {
            console::complain(&format!(
                "nnrp-conformance: cannot write the lines: {error}"
            ));
            ExitCode::from(FAILED)
        }
    }
}

fn replay(file: Option<PathBuf>) -> ExitCode {
    let outcome = match &file {
        None => vectors::replay_all(),
        Some(path) => match text_of(path) {
            Ok(text) => vectors::replay(&text),
            Err(why) => return unusable(path, &why),
        },
    };
    match outcome {
        Ok(report) if report.failures() + report.passes() == 0 => {
            unusable(&file.unwrap_or_default(), "holds no vector and no case")
        }
        Ok(report) => {
            let printed = print(&report.to_string());
            if report.failures() == 0 {
                printed
            } else {
                ExitCode::from(FAILED)
            }
        }
        Err(malformed) => unusable(&file.unwrap_or_default(), &malformed.to_string()),
    }
}

fn text_of(path: &Path) -> Result<String, String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(MOST_VECTOR_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > MOST_VECTOR_BYTES {
        return Err(format!(
            "is larger than {MOST_VECTOR_BYTES} bytes; split it"
        ));
    }
    Ok(text)
}

fn print(text: &str) -> ExitCode {
    match console::print(text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            console::complain(&format!(
                "nnrp-conformance: cannot write to stdout: {error}"
            ));
            ExitCode::from(FAILED)
        }
    }
}

fn unusable(path: &Path, why: &str) -> ExitCode {
    console::complain(&format!("nnrp-conformance: {}: {why}", path.display()));
    ExitCode::from(UNUSABLE)
}
