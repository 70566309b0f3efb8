//! A line of the story in Chinese.

use super::{Because, Names, StoryEvent};
use crate::{AttemptEnd, EndReason, FinalState, Millis, StopReason, TaskNext, TaskRef};

pub(super) fn event(event: StoryEvent, now: Millis) -> String {
    match event {
        StoryEvent::LookupAsked => "已就绪，正在查找缓存结果".into(),
        StoryEvent::Queued => "进入队列".into(),
        StoryEvent::Dispatched { no } => format!("第 {no} 次尝试已派发"),
        StoryEvent::TakenOver { no } => format!("第 {no} 次尝试由先前的引擎启动，现继续跟踪"),
        StoryEvent::Started { no } => format!("第 {no} 次尝试已开始"),
        StoryEvent::StopAsked { no, reason } => {
            let reason = match reason {
                StopReason::Cancelled => "已取消",
                StopReason::TimedOut => "超时",
                StopReason::Disowned => "已由其他进程接管",
            };
            format!("已要求第 {no} 次尝试停止（{reason}）")
        }
        StoryEvent::Ended { no, why, next } => {
            let why = match why {
                EndReason::Success => "成功".into(),
                EndReason::Failed => "失败".into(),
                EndReason::TimedOut => "超时".into(),
                EndReason::Cancelled => "被取消".into(),
                EndReason::Lost => "丢失".into(),
                EndReason::Evicted { held_mib } => format!("占用 {held_mib} MiB 内存时为腾出内存被结束"),
            };
            match next {
                TaskNext::Final(state) => format!("第 {no} 次尝试{why}，任务{}", settled(state)),
                TaskNext::Retry { at } => format!("第 {no} 次尝试{why}，{} 毫秒后重试", at.saturating_sub(now)),
            }
        }
        StoryEvent::Settled(state) => format!("任务{}", settled(state)),
    }
}

fn settled(state: FinalState) -> &'static str {
    match state {
        FinalState::Success => "成功",
        FinalState::Cached => "取自缓存",
        FinalState::Failed => "失败",
        FinalState::Skipped => "已跳过",
        FinalState::Cancelled => "已取消",
    }
}

pub(super) fn because(because: Because, task: TaskRef, names: Names<'_>) -> String {
    let whose = |other: TaskRef| match (names.operator)(other) {
        _ if other == task => "它".into(),
        Some(name) => format!("{name} "),
        None => "另一个算子".into(),
    };
    let run = |key| match (names.run)(key) {
        _ if key == task.run => "本次运行".into(),
        Some(name) => format!("运行 {name} "),
        None => "另一次运行".into(),
    };
    match because {
        Because::RunSubmitted(key) => format!("{}已提交", run(key)),
        Because::LookedUp { task, hit } => format!("{}的缓存{}", whose(task), if hit { "已找到" } else { "未找到" }),
        Because::Committed(task) => format!("{}的派发记录已落盘", whose(task)),
        Because::AttemptStarted { task, no } => format!("{}的第 {no} 次尝试已开始", whose(task)),
        Because::AttemptFinished { task, no, end } => {
            let end = match end {
                AttemptEnd::Success => "成功",
                AttemptEnd::Failed { retry: true } => "失败",
                AttemptEnd::Failed { retry: false } => "失败且不再重试",
                AttemptEnd::Stopped => "已停止",
            };
            format!("{}的第 {no} 次尝试{end}", whose(task))
        }
        Because::AttemptLost { task, no } => format!("{}的第 {no} 次尝试丢失", whose(task)),
        Because::AttemptEvicted { task, no } => format!("{}的第 {no} 次尝试运行时内存不足", whose(task)),
        Because::Cancel(key) => format!("{}已取消", run(key)),
        Because::Disowned(key) => format!("{}已由其他进程接管", run(key)),
        Because::Capacity { executor, slots } => format!("执行器 {executor} 现有 {slots} 个槽位"),
        Because::Memory { executor, mib: Some(mib) } => format!("执行器 {executor} 上的算子现可占用 {mib} MiB 内存"),
        Because::Memory { executor, mib: None } => format!("执行器 {executor} 上的算子现可占用任意多内存"),
        Because::Timer => "到了预定时间".into(),
    }
}
