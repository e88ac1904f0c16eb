//! Messages to and from the server. All statements of a call go out in one write with one `Sync` behind them, so that
//! the server answers in one piece and each side wakes once: the driver puts a `Sync` behind each statement.
//!
//! The server parses each text as one statement (`Parse` takes no more), and after an error leaves out all that
//! stands before the `Sync`.

use std::ops::Range;

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use futures::FutureExt;
use postgres_protocol::{
    IsNull,
    message::{
        backend::{DataRowBody, Message, RowDescriptionBody},
        frontend::{self, BindError},
    },
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_postgres::types::Oid;

use super::{
    error::{Broken, ServerError},
    line::Line,
};

/// Room for what comes next, where a message does not announce more.
const CHUNK: usize = 16 << 10;
/// A message's letter and its length.
const HEADER: usize = 5;
/// What a server that is in no transaction says.
pub(super) const IDLE: u8 = b'I';
/// What a portal is described by.
const PORTAL: u8 = b'P';

/// A line over which the caller's statements go.
pub(super) struct Wire {
    line: Line,
    incoming: BytesMut,
    outgoing: BytesMut,
    /// The most that one message may take.
    bytes: usize,
    /// Answers are still to come that nobody waited for.
    unsettled: bool,
}

/// A column as the server describes it.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) name: String,
    pub(super) oid: Oid,
}

/// One row, its values as text.
#[derive(Default)]
pub(super) struct Row {
    body: Option<DataRowBody>,
    places: Vec<Option<Range<usize>>>,
}

impl Wire {
    pub(super) fn new(line: Line, bytes: usize) -> Self {
        Self {
            line,
            incoming: BytesMut::new(),
            outgoing: BytesMut::new(),
            bytes,
            unsettled: false,
        }
    }

    /// Whether the server still holds the line. Between calls it says nothing but that something of its settings
    /// changed, or that it goes.
    pub(super) fn is_alive(&mut self) -> bool {
        loop {
            match self.line.read_buf(&mut self.incoming).now_or_never() {
                None => return true,
                Some(Ok(read)) if read > 0 => {}
                Some(_) => return false,
            }
        }
    }

    /// Adds a statement to what is sent: to be parsed alone.
    pub(super) fn parse(&mut self, sql: &str) -> Result<(), Broken> {
        frontend::parse("", sql, [], &mut self.outgoing).map_err(|error| self.unsendable(&error))
    }

    /// Has the server keep statements of ours under their names, so that calls do not parse and plan them again.
    pub(super) async fn prepare(&mut self, statements: &[(&str, &str)]) -> Result<(), Broken> {
        for (name, sql) in statements {
            let parsed = frontend::parse(name, sql, [], &mut self.outgoing);
            parsed.map_err(|error| self.unsendable(&error))?;
        }
        self.send().await?;
        self.rest().await
    }

    /// Adds a statement that the server keeps to what is sent.
    pub(super) fn run_prepared(&mut self, name: &str) -> Result<(), Broken> {
        self.bind_parameters(name, &[])?;
        self.execute()
    }

    /// Adds a statement to what is sent: to be parsed, its parameters bound as texts whose types the server infers,
    /// and run.
    pub(super) fn run(&mut self, sql: &str, parameters: &[Option<String>]) -> Result<(), Broken> {
        self.bind(sql, parameters)?;
        self.execute()
    }

    /// As [`run`](Self::run); the answer begins with its columns.
    pub(super) fn run_described(
        &mut self,
        sql: &str,
        parameters: &[Option<String>],
    ) -> Result<(), Broken> {
        self.bind(sql, parameters)?;
        let described = frontend::describe(PORTAL, "", &mut self.outgoing);
        described.map_err(|error| self.unsendable(&error))?;
        self.execute()
    }

    fn bind(&mut self, sql: &str, parameters: &[Option<String>]) -> Result<(), Broken> {
        self.parse(sql)?;
        self.bind_parameters("", parameters)
    }

    fn bind_parameters(&mut self, name: &str, parameters: &[Option<String>]) -> Result<(), Broken> {
        let text = |text: &Option<String>, out: &mut BytesMut| {
            Ok(match text {
                None => IsNull::Yes,
                Some(text) => {
                    out.extend_from_slice(text.as_bytes());
                    IsNull::No
                }
            })
        };
        let bound = frontend::bind("", name, [], parameters, text, [], &mut self.outgoing);
        bound.map_err(|error| match error {
            BindError::Serialization(error) => self.unsendable(&error),
            BindError::Conversion(error) => self.unsendable(&std::io::Error::other(error)),
        })
    }

    fn execute(&mut self) -> Result<(), Broken> {
        let executed = frontend::execute("", 0, &mut self.outgoing);
        executed.map_err(|error| self.unsendable(&error))
    }

    /// Adds the wish for rows of an open cursor to what is sent, at most so many or, with 0, all; the answer begins with its
    /// columns. A cursor is a portal, and this runs it: the statement FETCH would be one more to parse, and would have the
    /// server gather all rows before it sends the first.
    pub(super) fn fetch(&mut self, cursor: &str, rows: i32) -> Result<(), Broken> {
        let described = frontend::describe(PORTAL, cursor, &mut self.outgoing);
        let executed = described.and_then(|()| frontend::execute(cursor, rows, &mut self.outgoing));
        executed.map_err(|error| self.unsendable(&error))
    }

    /// Adds the wish to be answered so far before what follows is run.
    pub(super) fn hurry(&mut self) {
        frontend::flush(&mut self.outgoing);
    }

    /// Leaves the answers to what was sent behind the last [`hurry`](Self::hurry) for later.
    pub(super) fn leave_rest(&mut self) {
        self.unsettled = true;
    }

    /// Reads the answers that were left, which say nothing but that all went well: the server ended the transaction. If
    /// not, the line is as good as lost.
    pub(super) async fn settle(&mut self) -> Result<(), Broken> {
        let mut went_well = true;
        while self.unsettled {
            match self.next().await? {
                Message::ErrorResponse(_) => went_well = false,
                Message::ReadyForQuery(body) => {
                    self.unsettled = false;
                    went_well &= body.status() == IDLE;
                }
                _ => {}
            }
        }
        if went_well {
            Ok(())
        } else {
            Err(std::io::Error::other("the transaction before was not ended").into())
        }
    }

    /// Nothing was sent yet, and nothing of it may be later.
    fn unsendable(&mut self, error: &std::io::Error) -> Broken {
        self.outgoing.clear();
        Broken::Unsendable(error.to_string())
    }

    /// Sends all that was added.
    pub(super) async fn send(&mut self) -> Result<(), Broken> {
        frontend::sync(&mut self.outgoing);
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), Broken> {
        self.line.write_all_buf(&mut self.outgoing).await?;
        Ok(self.line.flush().await?)
    }

    /// The next message that answers. May be dropped at any time: only whole messages leave the buffer.
    pub(super) async fn next(&mut self) -> Result<Message, Broken> {
        loop {
            if let Some(length) = announced(&self.incoming).filter(|length| *length > self.bytes) {
                return Err(Broken::TooLarge {
                    length,
                    most: self.bytes,
                });
            }
            match Message::parse(&mut self.incoming)? {
                Some(
                    Message::NoticeResponse(_)
                    | Message::ParameterStatus(_)
                    | Message::NotificationResponse(_),
                ) => {}
                Some(message) => return Ok(message),
                None => {
                    self.incoming.reserve(CHUNK);
                    if self.line.read_buf(&mut self.incoming).await? == 0 {
                        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
                    }
                }
            }
        }
    }

    /// Waits until the server has answered all that was sent.
    pub(super) async fn rest(&mut self) -> Result<(), Broken> {
        while !matches!(self.next().await?, Message::ReadyForQuery(_)) {}
        Ok(())
    }

    /// Whether all that was to be said was sent.
    pub(super) fn is_sent(&self) -> bool {
        self.outgoing.is_empty()
    }

    /// The rows that a statement of ours answers, as text.
    pub(super) async fn ask(&mut self, sql: &str) -> Result<Vec<Vec<Option<String>>>, Broken> {
        frontend::query(sql, &mut self.outgoing).map_err(|error| self.unsendable(&error))?;
        self.flush().await?;
        let mut rows = Vec::new();
        let mut refused = None;
        let mut row = Row::default();
        loop {
            match self.next().await? {
                Message::DataRow(body) => {
                    row.fill(body)?;
                    let texts = (0..row.len()).map(|index| row.get(index).map(str::to_owned));
                    rows.push(texts.collect());
                }
                Message::ErrorResponse(body) => refused = Some(ServerError::of(&body)),
                Message::ReadyForQuery(_) => break,
                _ => {}
            }
        }
        match refused {
            Some(error) => Err(Broken::Server(error)),
            None => Ok(rows),
        }
    }
}

/// The length of the message that begins the buffer, without its letter and the length itself.
fn announced(buffer: &[u8]) -> Option<usize> {
    let (_, length) = buffer.first_chunk::<HEADER>()?.split_first()?;
    let length = u32::from_be_bytes(length.try_into().ok()?);
    Some((length as usize).saturating_sub(4))
}

/// The columns of a description.
pub(super) fn described(body: &RowDescriptionBody) -> Result<Vec<Described>, Broken> {
    let columns = body.fields().map(|field| {
        Ok(Described {
            name: field.name().to_owned(),
            oid: field.type_oid(),
        })
    });
    Ok(columns.collect()?)
}

impl Row {
    /// Takes the values of a message.
    pub(super) fn fill(&mut self, body: DataRowBody) -> Result<(), Broken> {
        self.places.clear();
        let mut places = body.ranges();
        while let Some(place) = places.next()? {
            if let Some(place) = &place
                && std::str::from_utf8(&body.buffer()[place.clone()]).is_err()
            {
                return Err(Broken::NotText);
            }
            self.places.push(place);
        }
        self.body = Some(body);
        Ok(())
    }

    /// How many values it has.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// One value; `None` for NULL.
    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let place = self.places.get(index)?.clone()?;
        std::str::from_utf8(&self.body.as_ref()?.buffer()[place]).ok()
    }

    /// The bytes of its values.
    pub(super) fn bytes(&self) -> usize {
        self.places.iter().flatten().map(Range::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::UnixStream;

    use super::*;

    fn wire(bytes: usize) -> (Wire, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (Wire::new(Line::Local(ours), bytes), theirs)
    }

    fn message(letter: u8, content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len() + 4).unwrap();
        [&[letter], length.to_be_bytes().as_slice(), content].concat()
    }

    fn row_of(values: &[&[u8]]) -> DataRowBody {
        let mut content = u16::try_from(values.len()).unwrap().to_be_bytes().to_vec();
        for value in values {
            content.extend(u32::try_from(value.len()).unwrap().to_be_bytes());
            content.extend_from_slice(value);
        }
        let mut bytes = BytesMut::from(message(b'D', &content).as_slice());
        match Message::parse(&mut bytes).unwrap() {
            Some(Message::DataRow(body)) => body,
            _ => panic!("no row"),
        }
    }

    #[tokio::test]
    async fn messages_come_whole_however_they_are_cut_and_without_what_is_no_answer() {
        let notice = message(b'N', b"SNOTICE\0\0");
        let sent = [notice.as_slice(), &message(b'1', b""), &message(b'Z', b"I")].concat();
        for size in 1..=sent.len() {
            let (mut wire, mut server) = wire(100);
            for part in sent.chunks(size) {
                server.write_all(part).await.unwrap();
            }
            assert!(matches!(wire.next().await.unwrap(), Message::ParseComplete));
            assert!(wire.rest().await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_message_too_large_is_refused_by_its_header_alone() {
        let (mut wire, mut server) = wire(40);
        let announced = message(b'D', &[0; 41]);
        server.write_all(&announced[..HEADER]).await.unwrap();
        let refused = wire.next().await.err().unwrap();
        assert!(
            refused
                .to_string()
                .starts_with("a row of 41 bytes is larger than the 40")
        );
    }

    #[tokio::test]
    async fn what_was_left_is_read_before_the_next_statement_and_has_to_end_the_transaction() {
        for (left, is_well) in [
            (message(b'Z', b"I"), true),
            (message(b'Z', b"T"), false),
            (
                [message(b'E', b"C25P02\0\0"), message(b'Z', b"I")].concat(),
                false,
            ),
        ] {
            let (mut wire, mut server) = wire(100);
            assert!(wire.settle().await.is_ok(), "nothing was left");
            wire.leave_rest();
            server
                .write_all(&message(b'C', b"ROLLBACK\0"))
                .await
                .unwrap();
            server.write_all(&left).await.unwrap();
            server.write_all(&message(b'1', b"")).await.unwrap();
            let settled = wire.settle().await;
            assert_eq!(settled.is_ok(), is_well);
            assert!(settled.is_ok() || matches!(settled, Err(Broken::Lost(_))));
            assert!(matches!(wire.next().await.unwrap(), Message::ParseComplete));
        }
    }

    #[tokio::test]
    async fn a_line_is_alive_until_the_server_leaves() {
        let (mut wire, mut server) = wire(100);
        assert!(wire.is_alive());
        server.write_all(&message(b'S', b"a\0b\0")).await.unwrap();
        assert!(wire.is_alive());
        drop(server);
        for _ in 0..1_000 {
            if !wire.is_alive() {
                return;
            }
            tokio::task::yield_now().await; // the runtime has to hear of it
        }
        panic!("the end is not seen");
    }

    #[tokio::test]
    async fn what_cannot_be_said_leaves_nothing_to_be_sent() {
        let (mut wire, _server) = wire(100);
        wire.run("SELECT 1", &[]).unwrap();
        assert!(!wire.is_sent());
        assert!(matches!(
            wire.run("SELECT '\0'", &[]),
            Err(Broken::Unsendable(_))
        ));
        assert!(wire.is_sent());
    }

    #[test]
    fn rows_are_texts_and_a_value_that_is_none_is_told() {
        let mut row = Row::default();
        row.fill(row_of(&["é".as_bytes(), b""])).unwrap();
        assert_eq!((row.len(), row.bytes()), (2, 2));
        assert_eq!(
            (row.get(0), row.get(1), row.get(2)),
            (Some("é"), Some(""), None)
        );
        assert!(matches!(row.fill(row_of(&[b"\xe9"])), Err(Broken::NotText)));
    }
}
