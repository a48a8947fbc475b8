//! `demo`: starts a temporary server, and shows an audit through its public interface.

mod nodes;
mod postgres;

use std::collections::BTreeMap;
use std::io::{Stdout, Write};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde_json::json;
use tokio::sync::mpsc;

use crate::app;
use crate::config::Config;
use crate::domain::event::EventBody;
use crate::protocol::event::Event;

use super::client::{Rest, Socket};
use super::complaint::{USAGE, complain};
use super::judge_names::judges_fault;
use super::print::{Printer, Style};

/// The arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The name of a judge to ask; may be given more than once. Default: `runs.default_judges`.
    #[arg(long = "judge", value_name = "NAME")]
    judges: Vec<String>,
    /// Show 2 to 8 server processes on one PostgreSQL database, of which the one that works on the audit is killed. The
    /// database is DATABASE_URL, or a server that is started for the demo from Debian's packages.
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u8).range(2..=8), conflicts_with = "judges")]
    nodes: Option<u8>,
}

const SOURCE: &str = "\
The Halden Bridge opened to traffic on 14 May 1987 after four years of construction. It was designed \
by the engineer Marta Lindqvist and cost 240 million kroner. The bridge is 1,180 metres long and \
carries two lanes of road and a cycle path. About 9,500 vehicles cross it every day. In 2011 the \
regional council rejected a proposal to charge a toll. An inspection in 2019 found corrosion in three \
of its twelve piers, which were repaired by the end of 2021.";

const CANDIDATE: &str = "\
The Halden Bridge was opened on 14 May 1987 and was designed by Marta Lindqvist. It is 1,850 metres \
long and has a cycle path. About 9,500 vehicles cross it every day. The regional council did not reject \
the toll proposal in 2011. It won an international architecture prize in Lisbon.";

const QUESTION: &str = "What is known about the Halden Bridge?";

/// Starts a server, audits the example over a WebSocket, and stops the server.
pub(super) async fn demo(
    arguments: Arguments,
    config: Arc<Config>,
    env: &BTreeMap<String, String>,
) -> Result<ExitCode> {
    if let Some(count) = arguments.nodes {
        return nodes::demo(count.into(), env).await;
    }
    // Checked before the server starts, so that a wrong name is refused at once.
    if let Some(wrong) = judges_fault(&config, &arguments.judges) {
        complain(&format!("judge-auditor: {wrong}"));
        return Ok(ExitCode::from(USAGE));
    }
    let running = app::start(config).await?;
    let address = running.address.to_string();
    let (stop, stopped) = mpsc::channel(2);
    let serving = actix_web::rt::spawn(running.until(stopped));
    let mut printer = Printer::new(std::io::stdout(), Style::detect(env));
    let shown = show(&address, &arguments.judges, &mut printer).await;
    // No client is connected any more, so there is nothing to drain.
    stop.send(()).await.context("the server is gone")?;
    serving.await??;
    shown?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "\n  Your own texts:  judge-auditor audit --source FILE --candidate FILE"
    )?;
    writeln!(out, "  The service:     judge-auditor serve\n")?;
    Ok(ExitCode::SUCCESS)
}

async fn show(address: &str, judges: &[String], printer: &mut Printer<Stdout>) -> Result<()> {
    let mut rest = Rest::new(address)?;
    let token = rest.sign_up("demo", "a password for a minute").await?;
    let mut created = json!({
        "source_text": SOURCE,
        "candidate_output": CANDIDATE,
        "question": QUESTION,
    });
    if !judges.is_empty() {
        created["config"] = json!({ "judges": judges });
    }
    let evaluation = rest.post("/evaluations", &created).await?;
    let session = &evaluation["id"];
    let mut socket = Socket::connect(address, &token).await?;
    let from_start = json!({ "session_id": session, "last_seq": 0 });
    socket
        .command("join_session", from_start, "session_joined")
        .await?;
    let started = json!({ "session_id": session });
    printer.header("Judge Auditor", SOURCE, CANDIDATE)?;
    socket
        .command("start_evaluation", started, "evaluation_started")
        .await?;
    loop {
        let event: Event = serde_json::from_str(&socket.next().await?)?;
        printer.event(&event.body)?;
        match event.body {
            EventBody::EvaluationComplete(_) => break,
            body if body.is_terminal() => bail!("the audit ended without a result"),
            _ => {}
        }
    }
    socket.close().await
}
