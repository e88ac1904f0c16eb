//! Lines that wait for the thread that writes them.
//!
//! It sleeps while there is nothing, and once woken gathers for a moment: a thread that is woken for each line costs a
//! call more than its line does, since both want the processor just when the answer is written.

use std::{
    io::Write,
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// Bytes that may wait for a slow reader.
const ROOM: usize = 1 << 20;
/// How long a line waits for others.
const GATHERING: Duration = Duration::from_millis(2);
/// How long the end of the process waits for the last lines.
const LAST: Duration = Duration::from_millis(30);

/// The lines that wait.
#[derive(Debug, Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Waiting {
    bytes: Vec<u8>,
    /// Nothing more will come.
    closed: bool,
    /// All that came was written.
    ended: bool,
}

impl Queue {
    /// An empty queue, and the thread that writes what comes into it.
    pub(super) fn start(writer: impl Write + Send + 'static) -> Arc<Self> {
        let queue = Arc::new(Self::default());
        let emptied = Arc::clone(&queue);
        thread::spawn(move || emptied.write_to(writer));
        queue
    }

    /// Adds a line, or drops it where there is no room.
    pub(super) fn push(&self, line: &[u8]) {
        let mut waiting = self.waiting();
        if waiting.bytes.len() + line.len() > ROOM {
            return;
        }
        let was_empty = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        if was_empty {
            self.changed.notify_all();
        }
    }

    /// Lets the thread write what there is and end; waits a moment for it, not for a reader that does not read.
    pub(super) fn close(&self) {
        self.waiting().closed = true;
        self.changed.notify_all();
        let waited = self
            .changed
            .wait_timeout_while(self.waiting(), LAST, |waiting| !waiting.ended);
        drop(waited.unwrap_or_else(PoisonError::into_inner));
    }

    fn write_to(&self, mut writer: impl Write) {
        let mut batch = Vec::new();
        while self.take(&mut batch) {
            // Nobody reads any more: there is no other place to tell it to.
            let _lost = writer.write_all(&batch);
            batch.clear();
        }
        self.waiting().ended = true;
        self.changed.notify_all();
    }

    /// Waits for lines and takes them; false when none will come.
    fn take(&self, batch: &mut Vec<u8>) -> bool {
        let is_idle = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.closed;
        let some = self.changed.wait_while(self.waiting(), is_idle);
        let some = some.unwrap_or_else(PoisonError::into_inner);
        let gathered = self
            .changed
            .wait_timeout_while(some, GATHERING, |waiting| !waiting.closed);
        let (mut waiting, _) = gathered.unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut waiting.bytes, batch);
        !(batch.is_empty() && waiting.closed)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io,
        sync::mpsc::{Receiver, Sender, channel},
    };

    use super::*;

    struct Sink(Sender<Vec<u8>>);

    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.send(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Takes nothing until it may.
    struct Stuck(Receiver<()>);

    impl Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _until_the_test_ends = self.0.recv();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn lines_of_many_threads_come_whole_and_all() {
        let (sink, written) = channel();
        let queue = Queue::start(Sink(sink));
        thread::scope(|scope| {
            for name in 0..8 {
                let queue = &queue;
                scope.spawn(move || {
                    for number in 0..500 {
                        queue.push(format!("{name} {number}\n").as_bytes());
                    }
                });
            }
        });
        queue.close();
        let all: Vec<u8> = written.try_iter().flatten().collect();
        let text = String::from_utf8(all).unwrap();
        assert_eq!(text.lines().count(), 4_000);
        let of_one: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("3 "))
            .collect();
        let expected: Vec<String> = (0..500).map(|number| number.to_string()).collect();
        assert_eq!(of_one, expected);
    }

    #[test]
    fn a_reader_that_does_not_read_holds_nobody_and_its_lines_are_dropped() {
        let (keep, held) = channel();
        let queue = Queue::start(Stuck(held));
        let line = [b'x'; 1000];
        for _ in 0..5_000 {
            queue.push(&line);
        }
        assert!(queue.waiting().bytes.len() <= ROOM);
        queue.close();
        assert!(!queue.waiting().ended);
        drop(keep);
    }

    #[test]
    fn a_line_is_written_without_being_waited_for() {
        let (sink, written) = channel();
        let queue = Queue::start(Sink(sink));
        queue.push(b"one\n");
        assert_eq!(written.recv().unwrap(), b"one\n");
        queue.push(b"two\n");
        assert_eq!(written.recv().unwrap(), b"two\n");
    }
}
