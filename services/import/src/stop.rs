//! An import that somebody stops: at the next part, and what was sent by then stays.

use keshi_core::lang::say;

use crate::{Outcome, Stopped, Watch};

/// Goes on, unless it is to stop before anything is recorded.
pub(crate) fn unless_stopped(watch: &dyn Watch) -> Outcome {
    if !watch.is_stopped() {
        return Ok(());
    }
    Err(Stopped {
        status: None,
        says: vec![say(
            "已停止，没有入账任何内容；可以再核对一次，或另选文件",
            "it was stopped, and nothing was recorded; check it once more, or choose other files",
        )],
        is_usage: false,
    })
}
