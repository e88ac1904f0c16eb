//! The rows of a statement on their way to the sink, which wants to know their types first.

use postgres_protocol::message::backend::DataRowBody;
use tokio_postgres::types::{Oid, Type};

use super::{
    cells::{Reader, columns},
    error::Broken,
    sequence::Answered,
    types::Types,
    wire::{Described, Row, Wire},
};
use crate::gate::{Flow, RowSink, cell::Delivery};

/// Bytes that are read to the end after the sink is full, to keep the connection.
const DRAINED_BYTES: usize = 1 << 20;
/// Bytes of rows that are kept until their types are known.
const EARLY_BYTES: usize = 1 << 20;

/// Gives the rows to the sink while they arrive.
pub(super) struct Taking<'a, S> {
    types: &'a Types,
    delivery: &'a mut Delivery<S>,
    described: Vec<Described>,
    reader: Option<Reader>,
    /// Rows whose types have to be looked up, which can only be asked behind them; once a connection and type.
    early: Vec<DataRowBody>,
    early_bytes: usize,
    row: Row,
    drained: usize,
}

impl<'a, S: RowSink> Taking<'a, S> {
    pub(super) fn new(types: &'a Types, delivery: &'a mut Delivery<S>) -> Self {
        Self {
            types,
            delivery,
            described: Vec::new(),
            reader: None,
            early: Vec::new(),
            early_bytes: 0,
            row: Row::default(),
            drained: 0,
        }
    }

    pub(super) fn columns(&mut self, described: Vec<Described>) {
        self.described = described;
        if let Some(types) = self.types.known(&self.numbers()) {
            self.begin(&types);
        }
    }

    fn numbers(&self) -> Vec<Oid> {
        self.described.iter().map(|column| column.oid).collect()
    }

    fn begin(&mut self, types: &[Type]) {
        self.delivery.columns(&columns(&self.described, types));
        self.reader = Some(Reader::new(types));
    }

    /// Takes a row; something where what follows it is not waited for.
    pub(super) fn row(&mut self, body: DataRowBody) -> Result<Option<Answered>, Broken> {
        if self.reader.is_none() {
            self.early_bytes += body.buffer().len();
            self.early.push(body);
            let many = self.early_bytes > EARLY_BYTES;
            return Ok(many.then(|| Answered::Unmet(self.numbers())));
        }
        Ok((self.give(body)? == Flow::Full).then_some(Answered::Full))
    }

    /// Gives a row on; [`Flow::Full`] when so many have come after the last one taken that they are not waited for.
    fn give(&mut self, body: DataRowBody) -> Result<Flow, Broken> {
        self.row.fill(body)?;
        if let Some(reader) = &mut self.reader
            && !self.delivery.truncated()
        {
            self.delivery.row(&reader.cells(&self.row));
            return Ok(Flow::More);
        }
        self.drained += self.row.bytes();
        Ok(if self.drained > DRAINED_BYTES {
            Flow::Full
        } else {
            Flow::More
        })
    }

    /// Whether no row waits for its types.
    pub(super) fn is_all_taken(&self) -> bool {
        self.reader.is_some()
    }

    /// Looks up the types that are not known, and gives the rows that waited for it.
    pub(super) async fn finish(mut self, wire: &mut Wire) -> Result<(), Broken> {
        if self.reader.is_some() || self.described.is_empty() {
            return Ok(());
        }
        let types = self.types.look_up(wire, &self.numbers()).await?;
        self.begin(&types);
        for body in std::mem::take(&mut self.early) {
            self.give(body)?;
            if self.delivery.truncated() {
                break;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use postgres_protocol::message::backend::Message;

    use super::*;
    use crate::gate::{Cell, Column};

    struct Nobody;

    impl RowSink for Nobody {
        fn columns(&mut self, _: &[Column]) {
            panic!("nothing is given on")
        }
        fn row(&mut self, _: &[Cell<'_>]) -> Flow {
            panic!("nothing is given on")
        }
    }

    #[test]
    fn rows_whose_types_are_not_known_are_kept_up_to_a_size_and_no_further() {
        let (types, mut delivery) = (Types::default(), Delivery::new(Nobody, 9_999));
        let mut taking = Taking::new(&types, &mut delivery);
        taking.columns(vec![Described {
            name: "mood".to_owned(),
            oid: 20_000,
        }]);
        let (mut kept, value) = (0, "x".repeat(100_000));
        let answered = loop {
            match taking.row(row_of(value.as_bytes())) {
                Ok(None) => kept += 1,
                answered => break answered,
            }
        };
        assert_eq!(kept, 10);
        assert!(matches!(answered, Ok(Some(Answered::Unmet(types))) if types == [20_000]));
    }

    /// A row of one value.
    fn row_of(value: &[u8]) -> DataRowBody {
        let length = |more| u32::try_from(value.len() + more).unwrap().to_be_bytes();
        let message = [b"D", &length(10)[..], &[0, 1], &length(0)[..], value].concat();
        match Message::parse(&mut BytesMut::from(message.as_slice())) {
            Ok(Some(Message::DataRow(body))) => body,
            _ => panic!("no row"),
        }
    }
}
