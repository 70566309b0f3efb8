//! A small drawing surface of text: braille dots, two by four to a character, or ASCII characters.

/// What a stroke is; in ASCII each has a character of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ink {
    /// What a curve is compared with, drawn as loose dots.
    Reference,
    Second,
    First,
}

impl Ink {
    fn ascii(self) -> char {
        match self {
            Ink::Reference => '.',
            Ink::Second => 'o',
            Ink::First => '*',
        }
    }
}

pub struct Canvas {
    columns: usize,
    rows: usize,
    unicode: bool,
    /// Dots of each character by braille bit, and the foremost ink in it.
    cells: Vec<(u8, Option<Ink>)>,
}

const BRAILLE_BLANK: u32 = 0x2800;
/// Bit of a dot by its row and column within a character.
const BRAILLE_BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];
/// Of a reference line every n-th dot is drawn.
const REFERENCE_STEP: usize = 3;

impl Canvas {
    pub fn new(columns: usize, rows: usize, unicode: bool) -> Canvas {
        Canvas { columns, rows, unicode, cells: vec![(0, None); columns * rows] }
    }

    /// Dots across and down.
    fn dots(&self) -> (usize, usize) {
        if self.unicode { (self.columns * 2, self.rows * 4) } else { (self.columns, self.rows) }
    }

    /// A line through points in the unit square; y grows upwards. What lies outside is moved to the border.
    pub fn line(&mut self, points: &[(f64, f64)], ink: Ink) {
        let mut drawn = 0;
        for pair in points.windows(2) {
            let ((x0, y0), (x1, y1)) = (self.place(pair[0]), self.place(pair[1]));
            let steps = x0.abs_diff(x1).max(y0.abs_diff(y1)).max(1);
            for step in 0..=steps {
                let along = step as f64 / steps as f64;
                let between = |a: usize, b: usize| (a as f64 + (b as f64 - a as f64) * along).round() as usize;
                if ink != Ink::Reference || drawn % REFERENCE_STEP == 0 {
                    self.dot(between(x0, x1), between(y0, y1), ink);
                }
                drawn += 1;
            }
        }
    }

    /// Points on their own.
    pub fn points(&mut self, points: &[(f64, f64)], ink: Ink) {
        for point in points {
            let (x, y) = self.place(*point);
            self.dot(x, y, ink);
        }
    }

    fn place(&self, (x, y): (f64, f64)) -> (usize, usize) {
        let (across, down) = self.dots();
        let scale = |v: f64, n: usize| (v.clamp(0.0, 1.0) * n.saturating_sub(1) as f64).round() as usize;
        (scale(x, across), down.saturating_sub(1) - scale(y, down))
    }

    fn dot(&mut self, x: usize, y: usize, ink: Ink) {
        let (column, row, bit) = if self.unicode { (x / 2, y / 4, BRAILLE_BITS[y % 4][x % 2]) } else { (x, y, 1) };
        if let Some((dots, foremost)) = self.cells.get_mut(row * self.columns + column) {
            *dots |= bit;
            *foremost = (*foremost).max(Some(ink));
        }
    }

    /// The rows from the top, each `columns` characters wide.
    pub fn lines(&self) -> Vec<String> {
        let character = |(dots, ink): &(u8, Option<Ink>)| match ink {
            None => ' ',
            Some(_) if self.unicode => char::from_u32(BRAILLE_BLANK + u32::from(*dots)).unwrap_or(' '),
            Some(ink) => ink.ascii(),
        };
        self.cells.chunks(self.columns.max(1)).take(self.rows).map(|row| row.iter().map(character).collect()).collect()
    }
}
