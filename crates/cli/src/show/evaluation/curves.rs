//! Which charts an evaluation gives: ROC, precision-recall, KS, gain, lift and calibration; predictions against truth.

use super::canvas::Ink;
use super::chart::{CHART_COLUMNS, Chart, Stroke, arrange};
use super::style::Style;
use serde_json::Value;

/// Where charts stand below each other, the first few are enough.
const MAX_NARROW_CHARTS: usize = 3;
/// More points than this aren't read: the operators thin their curves to far fewer.
const MAX_POINTS: usize = 10_000;
const UNIT: (f64, f64) = (0.0, 1.0);

pub fn lines(evaluation: &Value, style: &Style) -> Vec<String> {
    let Some(curves) = evaluation.get("curves") else { return Vec::new() };
    if style.columns < CHART_COLUMNS {
        return Vec::new();
    }
    let makers: [fn(&Value, &Style) -> Option<Chart>; 7] = [roc, ks, pr, calibration, gain, lift, predicted_actual];
    let mut charts: Vec<Chart> = makers.iter().filter_map(|make| make(curves, style)).collect();
    if style.columns < 2 * CHART_COLUMNS {
        charts.truncate(MAX_NARROW_CHARTS);
    }
    arrange(&charts, style)
}

/// The points of a curve that are numbers; `None` if there is none.
fn points(curves: &Value, curve: &str, x: &str, y: &str) -> Option<Vec<(f64, f64)>> {
    let list = |name: &str| curves.get(curve)?.get(name)?.as_array();
    let pairs = list(x)?.iter().zip(list(y)?).take(MAX_POINTS);
    let points: Vec<(f64, f64)> = pairs.filter_map(|(x, y)| Some((x.as_f64()?, y.as_f64()?))).collect();
    (!points.is_empty()).then_some(points)
}

fn diagonal() -> Stroke {
    Stroke::line(vec![(0.0, 0.0), (1.0, 1.0)], Ink::Reference)
}

fn unit(title: &str, x_label: &str, strokes: Vec<Stroke>) -> Option<Chart> {
    Some(Chart { title: title.into(), x_label: x_label.into(), x: UNIT, y: UNIT, strokes })
}

fn roc(curves: &Value, style: &Style) -> Option<Chart> {
    let curve = points(curves, "roc", "fpr", "tpr")?;
    let strokes = vec![diagonal(), Stroke::line(curve, Ink::First)];
    unit(style.say("ROC: true positive rate", "ROC：真正率"), style.say("false positive rate", "假正率"), strokes)
}

fn pr(curves: &Value, style: &Style) -> Option<Chart> {
    let curve = points(curves, "pr", "recall", "precision")?;
    unit(style.say("PR: precision", "PR：精确率"), style.say("recall", "召回率"), vec![Stroke::line(curve, Ink::First)])
}

fn ks(curves: &Value, style: &Style) -> Option<Chart> {
    let positives = points(curves, "ks", "share", "tpr")?;
    let negatives = points(curves, "ks", "share", "fpr")?;
    let strokes = vec![Stroke::line(negatives, Ink::Second), Stroke::line(positives, Ink::First)];
    unit(
        style.say("KS: positives (upper), negatives found", "KS：找到的正例（上）与负例"),
        style.say("share of rows, highest score first", "按得分从高到低的数据占比"),
        strokes,
    )
}

fn gain(curves: &Value, style: &Style) -> Option<Chart> {
    let curve = points(curves, "gain", "share", "gain")?;
    unit(
        style.say("gain: share of the positives found", "增益：找到的正例占比"),
        style.say("share of rows, highest score first", "按得分从高到低的数据占比"),
        vec![diagonal(), Stroke::line(curve, Ink::First)],
    )
}

fn lift(curves: &Value, style: &Style) -> Option<Chart> {
    let curve = points(curves, "lift", "share", "lift")?;
    let highest = curve.iter().map(|(_, y)| *y).fold(1.0, f64::max).ceil();
    Some(Chart {
        title: style.say("lift: times better than chance", "提升度：相对随机的倍数").into(),
        x_label: style.say("share of rows, highest score first", "按得分从高到低的数据占比").into(),
        x: UNIT,
        y: (0.0, highest),
        strokes: vec![Stroke::line(vec![(0.0, 1.0), (1.0, 1.0)], Ink::Reference), Stroke::line(curve, Ink::First)],
    })
}

fn calibration(curves: &Value, style: &Style) -> Option<Chart> {
    let curve = points(curves, "calibration", "predicted", "observed")?;
    unit(
        style.say("calibration: share of positives", "校准：实际正例占比"),
        style.say("predicted probability", "预测概率"),
        vec![diagonal(), Stroke::line(curve, Ink::First)],
    )
}

fn predicted_actual(curves: &Value, style: &Style) -> Option<Chart> {
    let points = points(curves, "predicted_actual", "actual", "predicted")?;
    let all = || points.iter().flat_map(|(x, y)| [*x, *y]);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    Some(Chart {
        title: style.say("predicted value", "预测值").into(),
        x_label: style.say("actual value", "真实值").into(),
        x: (low, high),
        y: (low, high),
        strokes: vec![
            Stroke::line(vec![(low, low), (high, high)], Ink::Reference),
            Stroke { points, ink: Ink::First, scattered: true },
        ],
    })
}
