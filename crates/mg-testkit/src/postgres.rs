//! A private PostgreSQL for tests: its own cluster, port and folder, gone with the test process.

mod programs;

use std::{
    fs,
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, chown},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use tempfile::TempDir;

use crate::{certificate, require_or_skip};
use programs::Programs;

/// Owner of the test databases.
const OWNER: &str = "owner";

/// Logins every cluster has: `postgres` (superuser), `owner` (of the test databases), `reader`,
/// `writer` (no rights of their own) and `locked` (needs the password `s3cret/word`).
const ROLES: &str = "CREATE ROLE owner LOGIN; CREATE ROLE reader LOGIN; CREATE ROLE writer LOGIN; \
    CREATE ROLE locked LOGIN PASSWORD 's3cret/word'";

/// A running cluster on a free port of the loopback interface. Stopped when dropped, and by a
/// watchdog when the process that started it ends in any way.
#[derive(Debug)]
pub struct PostgresCluster {
    programs: Programs,
    folder: TempDir,
    port: u16,
    watchdog: Child,
    databases: AtomicUsize,
}

/// The one cluster of this test process; `None`, with a line that says so, where PostgreSQL is not
/// installed.
pub fn shared_postgres() -> Option<&'static PostgresCluster> {
    static SHARED: LazyLock<Option<PostgresCluster>> = LazyLock::new(PostgresCluster::start);
    SHARED.as_ref()
}

impl PostgresCluster {
    /// Makes and starts a cluster of its own.
    #[must_use]
    pub fn start() -> Option<Self> {
        let programs = Programs::find();
        require_or_skip(programs.is_some(), "PostgreSQL is not installed").then_some(())?;
        let programs = programs?;
        let folder = tempfile::Builder::new().prefix("mg-pg-").tempdir().unwrap();
        if let Some((user, group)) = programs.user {
            chown(folder.path(), Some(user), Some(group)).unwrap();
        }
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let mut cluster = Self {
            watchdog: programs.watchdog(folder.path()),
            programs,
            folder,
            port: 0,
            databases: AtomicUsize::new(0),
        };
        cluster.initialise();
        let started = (0..5).any(|_| {
            cluster.port = free_port();
            cluster.start_again()
        });
        assert!(started, "PostgreSQL does not start: {}", cluster.log());
        cluster.sql("postgres", ROLES);
        Some(cluster)
    }

    /// A URL of `role` for `database`.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("postgres://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// The same through the socket in the cluster's folder.
    #[must_use]
    pub fn socket_url(&self, role: &str, database: &str) -> String {
        let folder = self.folder.path().display().to_string().replace('/', "%2F");
        format!("postgres://{role}@{folder}:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new, empty database that `owner` owns; answers its name.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("t_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name} OWNER {OWNER}"));
        name
    }

    /// Runs SQL as superuser and answers its rows, `|` between columns.
    pub fn sql(&self, database: &str, text: &str) -> String {
        let output = self
            .command("psql")
            .args([
                "-X",
                "-q",
                "-A",
                "-t",
                "-v",
                "ON_ERROR_STOP=1",
                "-U",
                "postgres",
                "-d",
                database,
            ])
            .args(["-h", "127.0.0.1", "-p", &self.port.to_string(), "-c", text])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "psql: {told}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Stops the server at once, as a crash would.
    pub fn stop(&self) {
        let stopped = self.control(&["-m", "immediate", "stop"]);
        assert!(stopped, "PostgreSQL does not stop: {}", self.log());
    }

    /// Kills the server and its processes with no chance to say anything.
    pub fn kill(&self) {
        let file = fs::read_to_string(self.data().join("postmaster.pid")).unwrap();
        let server = file.lines().next().unwrap();
        let listed = (Command::new("ps").args(["-o", "pid=", "--ppid", server])).output();
        let listed = String::from_utf8(listed.unwrap().stdout).unwrap();
        // Those that end with their parent may be gone already.
        let _gone = (Command::new("kill").arg("-KILL"))
            .args([server].into_iter().chain(listed.split_whitespace()))
            .stderr(Stdio::null())
            .status();
        let silent = (0..200).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(20));
            TcpStream::connect(("127.0.0.1", self.port)).is_err()
        });
        assert!(silent, "PostgreSQL {server} is still there");
        // As after a power cut: its successor would ask whether a process of this number lives.
        fs::remove_file(self.data().join("postmaster.pid")).unwrap();
    }

    /// Starts the stopped or killed server again, on the same port.
    pub fn restart(&self) {
        // The processes of a killed server hold its memory for a moment.
        let started = (0..50).any(|_| {
            self.start_again() || {
                std::thread::sleep(std::time::Duration::from_millis(200));
                false
            }
        });
        assert!(started, "PostgreSQL does not start: {}", self.log());
    }

    /// Makes a certificate for `localhost` and 127.0.0.1, turns TLS on by a restart and answers the
    /// certificate's file; `None`, with a line that says so, without the `openssl` program.
    #[must_use]
    pub fn enable_tls(&self) -> Option<PathBuf> {
        let (made_in, key) = (
            self.data().join("server.crt"),
            self.data().join("server.key"),
        );
        let made = certificate::make_by(self.command("openssl"), &made_in, &key);
        require_or_skip(made, "openssl is not installed").then_some(())?;
        let certificate = self.folder.path().join("server.crt");
        fs::copy(made_in, &certificate).unwrap();
        self.sql("postgres", "ALTER SYSTEM SET ssl = on");
        self.stop();
        self.restart();
        Some(certificate)
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn initialise(&self) {
        let status = self
            .command("initdb")
            .args([
                "--no-sync",
                "--auth=trust",
                "--username=postgres",
                "--encoding=UTF8",
                "--locale=C",
                "-D",
            ])
            .arg(self.data())
            .stdout(Stdio::null())
            .status()
            .unwrap();
        assert!(status.success(), "initdb failed");
        let rules = self.data().join("pg_hba.conf");
        let trusting = fs::read_to_string(&rules).unwrap();
        fs::write(
            &rules,
            format!("host all locked all scram-sha-256\n{trusting}"),
        )
        .unwrap();
    }

    fn start_again(&self) -> bool {
        let sockets = self.folder.path().display();
        let options = format!(
            "-p {} -k {sockets} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=200 -c shared_buffers=32MB",
            self.port
        );
        self.control(&[
            "-w",
            "-t",
            "60",
            "-l",
            &self.log_file(),
            "-o",
            &options,
            "start",
        ])
    }

    fn control(&self, arguments: &[&str]) -> bool {
        let mut command = self.command("pg_ctl");
        let command = command.arg("-D").arg(self.data()).args(arguments);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .unwrap()
            .success()
    }

    fn command(&self, name: &str) -> Command {
        self.programs.command(name, self.folder.path())
    }

    fn log_file(&self) -> String {
        self.folder.path().join("log").display().to_string()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.log_file()).unwrap_or_default()
    }
}

impl Drop for PostgresCluster {
    fn drop(&mut self) {
        // The watchdog waits for the end of its input; afterwards the folder can go.
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
