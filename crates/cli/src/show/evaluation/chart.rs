//! One chart: title, frame, the ends of its axes, and curves within.

use super::canvas::{Canvas, Ink};
use super::style::{Style, left, right};
use crate::show::width;

/// Characters of the drawing itself.
pub const PLOT_COLUMNS: usize = 40;
pub const PLOT_ROWS: usize = 10;
/// Room for the numbers at the y axis.
const AXIS_COLUMNS: usize = 6;
/// All characters across, the indent in front included.
pub const CHART_COLUMNS: usize = 2 + AXIS_COLUMNS + 1 + PLOT_COLUMNS;

pub struct Chart {
    pub title: String,
    /// Words under the x axis.
    pub x_label: String,
    pub x: (f64, f64),
    pub y: (f64, f64),
    pub strokes: Vec<Stroke>,
}

pub struct Stroke {
    pub points: Vec<(f64, f64)>,
    pub ink: Ink,
    /// Points on their own instead of a line.
    pub scattered: bool,
}

impl Stroke {
    pub fn line(points: Vec<(f64, f64)>, ink: Ink) -> Stroke {
        Stroke { points, ink, scattered: false }
    }
}

impl Chart {
    /// All lines, each [`CHART_COLUMNS`] wide.
    pub fn lines(&self, style: &Style) -> Vec<String> {
        let mut canvas = Canvas::new(PLOT_COLUMNS, PLOT_ROWS, style.unicode);
        for stroke in &self.strokes {
            let points: Vec<(f64, f64)> =
                stroke.points.iter().map(|(x, y)| (share(*x, self.x), share(*y, self.y))).collect();
            if stroke.scattered {
                canvas.points(&points, stroke.ink);
            } else {
                canvas.line(&points, stroke.ink);
            }
        }
        let (bar, corner, dash) = if style.unicode { ("│", "└", "─") } else { ("|", "+", "-") };
        let margin = " ".repeat(2 + AXIS_COLUMNS + 1);
        let mut lines = vec![format!("{margin}{}", self.title)];
        for (row, plot) in canvas.lines().into_iter().enumerate() {
            let number = match row {
                0 => end(self.y.1),
                row if row == PLOT_ROWS - 1 => end(self.y.0),
                _ => String::new(),
            };
            lines.push(format!("  {}{bar}{plot}", right(&number, AXIS_COLUMNS)));
        }
        lines.push(format!("  {}{corner}{}", " ".repeat(AXIS_COLUMNS), dash.repeat(PLOT_COLUMNS)));
        let (low, high) = (end(self.x.0), end(self.x.1));
        let middle = PLOT_COLUMNS.saturating_sub(low.len() + high.len());
        let pad = middle.saturating_sub(width(&self.x_label)) / 2;
        let label = left(&format!("{}{}", " ".repeat(pad), self.x_label), middle);
        lines.push(format!("{margin}{low}{label}{high}"));
        lines.into_iter().map(|line| left(&line, CHART_COLUMNS)).collect()
    }
}

/// Charts in rows, as many beside each other as the terminal takes.
pub fn arrange(charts: &[Chart], style: &Style) -> Vec<String> {
    let beside = (style.columns / CHART_COLUMNS).clamp(1, 2);
    let mut lines = Vec::new();
    for row in charts.chunks(beside) {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        let drawn: Vec<Vec<String>> = row.iter().map(|chart| chart.lines(style)).collect();
        let height = drawn.iter().map(Vec::len).max().unwrap_or(0);
        lines
            .extend((0..height).map(|y| drawn.iter().filter_map(|d| d.get(y)).map(String::as_str).collect::<String>()));
    }
    lines
}

fn share(value: f64, (low, high): (f64, f64)) -> f64 {
    if high > low { (value - low) / (high - low) } else { 0.5 }
}

/// The number at an axis' end, in at most [`AXIS_COLUMNS`] characters.
fn end(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (value.fract() == 0.0 && size < 10_000.0) {
        format!("{value:.0}")
    } else if (0.01..100.0).contains(&size) {
        format!("{value:.2}")
    } else if (100.0..10_000.0).contains(&size) {
        format!("{value:.0}")
    } else {
        format!("{value:.0e}")
    }
}
