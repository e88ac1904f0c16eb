//! An agent in Rust: rmcp launches the servers of servers.json, and a model calls their tools.
//!
//! `OPENAI_API_KEY` holds the provider's key, `OPENAI_BASE_URL` another address of Chat Completions (vLLM, Ollama…).

mod model;
mod servers;

use std::{env, io::Write, path::PathBuf};

use anyhow::Context as _;
use clap::Parser;

use crate::{model::Model, servers::Servers};

/// Ask a question of a model that has the servers' tools.
#[derive(Debug, Parser)]
struct Arguments {
    /// The question
    #[arg(default_value = "Combien de logements autorisés à Montévrain en 2022, et la suite ?")]
    question: String,
    /// How the servers are launched
    #[arg(long, default_value = "servers.json")]
    servers: PathBuf,
    /// The model's name at the provider
    #[arg(long, default_value = "gpt-5-mini")]
    model: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let key = env::var(servers::KEY)
        .with_context(|| format!("set {} to a key of the provider", servers::KEY))?;
    let address =
        env::var("OPENAI_BASE_URL").unwrap_or_else(|_| "https://api.openai.com/v1".into());
    let model = Model::new(&address, &key, &arguments.model);
    let servers = Servers::launch(&arguments.servers).await?;
    let answer = model.converse(&arguments.question, &servers).await;
    servers.close().await;
    writeln!(std::io::stdout(), "{}", answer?)?;
    Ok(())
}
