//! The arguments of `nnrp-echo serve`.

use std::path::PathBuf;

use nnrp_runtime::{ListenOptions, SessionPolicy};
use nnrp_transport_provider::security::Alpn;
use tracing::level_filters::LevelFilter;

use super::limits::{CONNECTION, LISTENER, known, take_limit};
use super::settings::{Certificate, Command, Serve};
use super::usage::{UsageError, unknown};
use super::value::{alpn, endpoint, log_level, value};

pub(super) const SERVE_OPTIONS: &[&str] = &[
    "--listen",
    "--no-control",
    "--no-verbs",
    "--resume-by-id",
    "--no-stdin",
    "--cert",
    "--key",
    "--server-name",
    "--cert-out",
    "--alpn",
    "--log",
    "--help",
];

/// The arguments behind the command.
pub(super) fn parse_serve(
    mut arguments: impl Iterator<Item = String>,
) -> Result<Command, UsageError> {
    let arguments = &mut arguments;
    let (mut chain, mut private_key, mut server_name) = (None, None, None);
    let mut serve = standard_serve();
    while let Some(argument) = arguments.next() {
        let option = argument.as_str();
        match option {
            "--listen" => serve.endpoints.push(endpoint(&value(arguments, option)?)?),
            "--no-control" => serve.options.control = false,
            "--no-verbs" => serve.verbs = false,
            "--resume-by-id" => serve.options.directory.resume_by_id = true,
            "--no-stdin" => serve.watch_stdin = false,
            "--cert" => chain = Some(value(arguments, option)?.into()),
            "--key" => private_key = Some(value(arguments, option)?.into()),
            "--server-name" => server_name = Some(value(arguments, option)?),
            "--cert-out" => serve.certificate_out = Some(value(arguments, option)?.into()),
            "--alpn" => serve.alpn = alpn(arguments)?,
            "--log" => serve.log = log_level(arguments)?,
            "--help" | "-h" => return Ok(Command::Help),
            _ if take_limit(LISTENER, option, arguments, &mut serve.options)? => {}
            _ if take_limit(CONNECTION, option, arguments, &mut serve.options.connection)? => {}
            _ => return Err(unknown("option", option, &serve_options())),
        }
    }
    if serve.endpoints.is_empty() {
        return Err(UsageError(
            "serve needs at least one --listen nnrp+tcp://host:port".into(),
        ));
    }
    serve.certificate = certificate(chain, private_key, server_name)?;
    Ok(Command::Serve(Box::new(serve)))
}

fn standard_serve() -> Serve {
    Serve {
        endpoints: Vec::new(),
        verbs: true,
        watch_stdin: true,
        certificate: Certificate::SelfSigned(String::new()),
        certificate_out: None,
        alpn: Alpn::Binding,
        log: LevelFilter::INFO,
        options: ListenOptions {
            // The echo contract holds submits as long as a caller likes.
            sessions: SessionPolicy {
                enforce_deadlines: false,
                ..SessionPolicy::default()
            },
            ..ListenOptions::default()
        },
    }
}

fn serve_options() -> Vec<&'static str> {
    let mut all = known(SERVE_OPTIONS, LISTENER);
    all.extend(known(&[], CONNECTION));
    all
}

fn certificate(
    chain: Option<PathBuf>,
    private_key: Option<PathBuf>,
    server_name: Option<String>,
) -> Result<Certificate, UsageError> {
    match (chain, private_key, server_name) {
        (Some(chain), Some(private_key), None) => Ok(Certificate::Files { chain, private_key }),
        (None, None, name) => Ok(Certificate::SelfSigned(
            name.unwrap_or_else(|| "localhost".into()),
        )),
        (Some(_), Some(_), Some(_)) => Err(UsageError(
            "--server-name is for the self-signed certificate; the one of --cert has its own names"
                .into(),
        )),
        _ => Err(UsageError(
            "--cert and --key belong together; give both or none".into(),
        )),
    }
}
