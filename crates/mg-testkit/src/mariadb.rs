//! A private MariaDB for tests: its own data, port and folder, gone with the test process.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        LazyLock, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tempfile::TempDir;

use crate::{certificate, require_or_skip};

/// Logins every server has beside `root`: `owner` (of the test databases), `reader`, `writer` (no
/// rights of their own) and `locked` (needs the password `s3cret/word`).
const ACCOUNTS: &str = "CREATE USER owner; CREATE USER reader; CREATE USER writer; \
    CREATE USER locked IDENTIFIED BY 's3cret/word'";

/// Kept small and quick: nothing has to survive the tests.
const OPTIONS: &[&str] = &[
    "--bind-address=127.0.0.1",
    "--skip-networking=0",
    "--skip-name-resolve",
    "--skip-log-bin",
    "--performance-schema=OFF",
    "--max-connections=200",
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=16M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-doublewrite=0",
    "--character-set-server=utf8mb4",
];

/// Ends the server by the number it wrote and removes the folder, once its input is closed.
const WATCHDOG: &str =
    "cat; test -s \"$1/pid\" && kill -KILL \"$(cat \"$1/pid\")\"; cd /; rm -rf \"$1\"";

/// A running server on a free port of the loopback interface. Ended when dropped, and by a watchdog
/// when the process that started it ends in any way.
#[derive(Debug)]
pub struct MariaDbCluster {
    programs: Programs,
    folder: TempDir,
    port: u16,
    server: Mutex<Option<Child>>,
    watchdog: Child,
    databases: AtomicUsize,
}

/// The one server of this test process; `None`, with a line that says so, where MariaDB is not
/// installed.
pub fn shared_mariadb() -> Option<&'static MariaDbCluster> {
    static SHARED: LazyLock<Option<MariaDbCluster>> = LazyLock::new(MariaDbCluster::start);
    SHARED.as_ref()
}

impl MariaDbCluster {
    /// Makes and starts a server of its own.
    #[must_use]
    pub fn start() -> Option<Self> {
        let programs = Programs::find();
        require_or_skip(programs.is_some(), "MariaDB is not installed").then_some(())?;
        let programs = programs?;
        let folder = tempfile::Builder::new().prefix("mg-my-").tempdir().unwrap();
        let mut cluster = Self {
            watchdog: watchdog(folder.path()),
            programs,
            folder,
            port: 0,
            server: Mutex::default(),
            databases: AtomicUsize::new(0),
        };
        cluster.initialise();
        let started = (0..5).any(|_| {
            cluster.port = free_port();
            cluster.start_again()
        });
        assert!(started, "MariaDB does not start: {}", cluster.log());
        cluster.sql("mysql", ACCOUNTS);
        Some(cluster)
    }

    /// A URL of `role` for `database`.
    #[must_use]
    pub fn url(&self, role: &str, database: &str) -> String {
        format!("mariadb://{role}@127.0.0.1:{}/{database}", self.port)
    }

    /// The port on 127.0.0.1.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// A new, empty database in which `owner` may do everything; answers its name.
    #[must_use]
    pub fn create_database(&self) -> String {
        let name = format!("t_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        self.sql(
            "mysql",
            &format!("CREATE DATABASE {name}; GRANT ALL PRIVILEGES ON `{name}`.* TO owner"),
        );
        name
    }

    /// Runs SQL as `root` and answers its rows, tabs between columns.
    pub fn sql(&self, database: &str, text: &str) -> String {
        let output = Programs::command("mariadb")
            .arg(format!("--socket={}", self.file("socket").display()))
            .args(["--user=root", "--batch", "--skip-column-names"])
            .args(["--default-character-set=utf8mb4", "-e", text, database])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "mariadb: {told}");
        String::from_utf8(output.stdout)
            .unwrap()
            .trim_end()
            .to_owned()
    }

    /// Ends the server at once, as a crash would.
    pub fn stop(&self) {
        let mut server = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut server) = server.take() {
            let _ = server.kill();
            server.wait().unwrap();
            let _ = fs::remove_file(self.file("pid"));
        }
    }

    /// Starts the stopped server again, on the same port.
    pub fn restart(&self) {
        assert!(self.start_again(), "MariaDB does not start: {}", self.log());
    }

    /// Makes a certificate for `localhost` and 127.0.0.1, turns TLS on by a restart and answers the
    /// certificate's file; `None`, with a line that says so, without the `openssl` program.
    #[must_use]
    pub fn enable_tls(&self) -> Option<PathBuf> {
        let certificate = self.file("server.crt");
        let made = certificate::make(&certificate, &self.file("server.key"));
        require_or_skip(made, "openssl is not installed").then_some(())?;
        self.stop();
        self.restart();
        Some(certificate)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn initialise(&self) {
        let output = Programs::command("mariadb-install-db")
            .arg(format!("--datadir={}", self.file("data").display()))
            .args(self.programs.as_root())
            .args(["--auth-root-authentication-method=normal", "--skip-test-db"])
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "mariadb-install-db: {told}");
    }

    fn start_again(&self) -> bool {
        let log = fs::File::create(self.file("log")).unwrap();
        let server = Programs::command("mariadbd")
            .arg(format!("--datadir={}", self.file("data").display()))
            .arg(format!("--socket={}", self.file("socket").display()))
            .arg(format!("--pid-file={}", self.file("pid").display()))
            .arg(format!("--port={}", self.port))
            // A server that starts clears its folder of temporary tables, those of others included.
            .arg(format!("--tmpdir={}", self.file("data").display()))
            .args(self.programs.as_root())
            .args(OPTIONS)
            .args(self.tls())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut running = self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let server = running.insert(server);
        for _ in 0..600 {
            if server.try_wait().unwrap().is_some() {
                return false;
            }
            if self.file("pid").exists() && self.answers() {
                return true;
            }
            thread::sleep(Duration::from_millis(100));
        }
        false
    }

    /// The options of TLS, once there is a certificate.
    fn tls(&self) -> Vec<String> {
        let options = [("ssl-cert", "server.crt"), ("ssl-key", "server.key")];
        let there = options
            .into_iter()
            .map(|(option, name)| (option, self.file(name)))
            .filter(|(_, file)| file.exists());
        there
            .map(|(option, file)| format!("--{option}={}", file.display()))
            .collect()
    }

    fn answers(&self) -> bool {
        std::os::unix::net::UnixStream::connect(self.file("socket")).is_ok()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.file("log")).unwrap_or_default()
    }
}

impl Drop for MariaDbCluster {
    fn drop(&mut self) {
        self.stop();
        // The watchdog waits for the end of its input; afterwards the folder can go.
        drop(self.watchdog.stdin.take());
        let _ = self.watchdog.wait();
    }
}

/// The programs of the installed MariaDB.
#[derive(Debug)]
struct Programs {
    root: bool,
}

/// Where servers are installed, which is not on everybody's PATH.
const FOLDERS: &str = "/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin";

impl Programs {
    fn find() -> Option<Self> {
        let all = ["mariadbd", "mariadb-install-db", "mariadb"]
            .iter()
            .all(|name| found(name).is_some());
        let user = Command::new("id").arg("-u").output().ok()?;
        let root = user.stdout == b"0\n";
        all.then_some(Self { root })
    }

    /// A program that reads no configuration of this machine.
    fn command(name: &str) -> Command {
        let mut command = Command::new(found(name).unwrap_or_else(|| name.into()));
        command.arg("--no-defaults").env("LC_ALL", "C");
        command
    }

    /// The server runs as root only when told to.
    fn as_root(&self) -> Option<&'static str> {
        self.root.then_some("--user=root")
    }
}

fn found(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(std::env::split_paths(FOLDERS))
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

fn watchdog(folder: &Path) -> Child {
    use std::os::unix::process::CommandExt;
    Command::new("sh")
        .args(["-c", WATCHDOG, "watchdog"])
        .arg(folder)
        // A group of its own: Ctrl-C on the tests does not end it before its work is done.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
