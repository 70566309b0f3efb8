//! Server-sent events as text: writing them, and reading them from pieces of any size.

/// The longest event that is read, in bytes: a traceback fits, endless garbage doesn't.
pub const MAX_EVENT_BYTES: usize = 16 << 20;

/// One server-sent event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Event {
    pub id: Option<u64>,
    pub name: String,
    pub data: String,
}

/// Appends an event's text. `data` goes out line by line, as the format asks.
pub fn write(to: &mut String, id: u64, name: &str, data: &str) {
    to.push_str(&format!("id: {id}\nevent: {name}\n"));
    for line in data.split('\n') {
        to.push_str("data: ");
        to.push_str(line);
        to.push('\n');
    }
    to.push('\n');
}

/// More than [`MAX_EVENT_BYTES`] without an event's end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLong;

/// Puts events together from pieces of a stream.
#[derive(Debug, Default)]
pub struct Reader {
    rest: Vec<u8>,
}

impl Reader {
    /// Takes a piece; gives the events that it completes.
    pub fn push(&mut self, piece: &[u8]) -> Result<Vec<Event>, TooLong> {
        // Only the new bytes, and the one before, can hold an end not seen yet.
        let mut from = self.rest.len().saturating_sub(1);
        self.rest.extend_from_slice(piece);
        let mut events = Vec::new();
        let mut begin = 0;
        while let Some(end) = self.rest[from..].windows(2).position(|w| w == b"\n\n").map(|at| from + at) {
            events.extend(parse(&String::from_utf8_lossy(&self.rest[begin..end])));
            begin = end + 2;
            from = begin;
        }
        self.rest.drain(..begin);
        if self.rest.len() > MAX_EVENT_BYTES { Err(TooLong) } else { Ok(events) }
    }
}

/// `None` for comments, which keep a connection alive.
fn parse(block: &str) -> Option<Event> {
    let mut event = Event::default();
    let mut data: Option<String> = None;
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => event.id = value.parse().ok(),
            "event" => event.name = value.to_string(),
            "data" => match &mut data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => data = Some(value.to_string()),
            },
            _ => {}
        }
    }
    event.data = data?;
    Some(event)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_back_whatever_the_pieces() {
        let mut text = String::from(": hello\n\n");
        write(&mut text, 1, "progress", "{\"message\":\"中\"}");
        write(&mut text, 9, "two_lines", "a\nb");
        text.push_str(":\n\n");
        write(&mut text, 10, "empty", "");
        let expected = [
            Event { id: Some(1), name: "progress".into(), data: "{\"message\":\"中\"}".into() },
            Event { id: Some(9), name: "two_lines".into(), data: "a\nb".into() },
            Event { id: Some(10), name: "empty".into(), data: String::new() },
        ];
        for size in 1..=text.len() {
            let mut reader = Reader::default();
            let mut events = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                events.extend(reader.push(piece).expect("short"));
            }
            assert_eq!(events, expected, "pieces of {size} bytes");
        }
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut reader = Reader::default();
        let piece = vec![b'x'; MAX_EVENT_BYTES / 2];
        assert_eq!(reader.push(&piece), Ok(Vec::new()));
        assert_eq!(reader.push(&piece), Ok(Vec::new()));
        assert_eq!(reader.push(b"x"), Err(TooLong));
    }
}
