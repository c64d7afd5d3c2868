//! What is refused to whom, and who may do it.

use keshi_core::codes::Level;
use keshi_core::ids::{ClaimId, EventId, ProjectId, SessionId, TeacherId};
use keshi_core::lang::say;
use keshi_office::access::Denied;

pub(super) fn neither_hers(session: SessionId, teacher: TeacherId) -> Denied {
    Denied {
        reason: say(
            format!("教师 {teacher} 不是本校教师，场次 {session} 也不是本校提交的片区级或校级场次"),
            format!(
                "teacher {teacher} is not of your school, nor is {session} a session of group or school level that it posted"
            ),
        ),
        remedy: say(
            "请先提交场次，或由其所在学校或县级审核员提交",
            "post the session first, or let her own school or a county reviewer post it",
        ),
    }
}

pub(super) fn not_there() -> Denied {
    Denied {
        reason: say(
            "要作废或更正的记录尚未入账",
            "the entry that this would void or correct is not in the ledger",
        ),
        remedy: say(
            "核对事件编号；原记录入账之后再作废或更正",
            "check the event id; void or correct an entry once it is recorded",
        ),
    }
}

pub(super) fn credited_by_review() -> Denied {
    Denied {
        reason: say(
            "要更正的记录是经申报审核入账的",
            "what this would correct stands under a claim that was reviewed",
        ),
        remedy: say(
            "申报办结前在该申报下修改；已入账的请县级审核员更正，并附核实材料",
            "mend it under its claim while that is open; once it is credited ask a county reviewer, with what was found",
        ),
    }
}

pub(super) fn placed_elsewhere(teacher: TeacherId) -> Denied {
    Denied {
        reason: say(
            format!("教师 {teacher} 现任职于其他单位"),
            format!("teacher {teacher} holds a post elsewhere"),
        ),
        remedy: say(
            "调动请先由原学校办理离任；借调、兼任请由县级审核员办理",
            "if she has moved, let her school end that post first; a county reviewer seconds her",
        ),
    }
}

pub(super) fn not_of_hers(teacher: TeacherId) -> Denied {
    Denied {
        reason: say(
            format!("教师 {teacher} 不是本校教师，事情也不在本校"),
            format!("teacher {teacher} is not of your school, nor did it happen there"),
        ),
        remedy: say(
            "请由其所在学校提交，或交由县级审核员",
            "let her own school or a county reviewer post it",
        ),
    }
}

pub(super) fn beyond_school(level: Level) -> Denied {
    Denied {
        reason: say(
            format!("学校只能立片区级和校级项目，这一项级别为 {}", level.code()),
            format!(
                "a school opens projects of group and school level only, this is of level {}",
                level.code()
            ),
        ),
        remedy: say(
            "请改级别，或交由县级审核员立项",
            "change the level, or let a county reviewer open it",
        ),
    }
}

pub(super) fn session_beyond_school(project: ProjectId, level: i32) -> Denied {
    Denied {
        reason: say(
            format!("项目 {project} 级别为 {level}：学校只提交片区级和校级项目的场次"),
            format!("project {project} is of level {level}: a school posts sessions of group and school level only"),
        ),
        remedy: say(
            "请由立项单位提交场次；本校教师的参训记录仍可由学校提交",
            "let the project's own unit post the session; your teachers' attendance at it you may post",
        ),
    }
}

pub(super) fn project_first(project: ProjectId) -> Denied {
    Denied {
        reason: say(
            format!("项目 {project} 尚未立项，其级别未知"),
            format!("project {project} is not opened yet, so its level is not known"),
        ),
        remedy: say("请先提交项目，再提交场次", "post the project first, then its sessions"),
    }
}

pub(super) fn taken(event: EventId) -> Denied {
    Denied {
        reason: say(
            format!("事件编号 {event} 已被其他单位占用"),
            format!("event id {event} stands in an entry that is not yours"),
        ),
        remedy: say(
            "若为同一件事，对方已提交，不必再提交；否则请换一个编号",
            "if it is the same fact, it has been posted already; otherwise use a new id",
        ),
    }
}

/// Who was erased is nobody whom another could be found to be: with her identity went what would show it.
pub(super) fn nobody_any_more(teacher: TeacherId) -> Denied {
    Denied {
        reason: say(
            format!("教师 {teacher} 的身份信息已删除，无从核实是否同一人"),
            format!("the identity of teacher {teacher} was erased, and nothing is left to show who she is"),
        ),
        remedy: say("请去掉这一对", "leave this pair out"),
    }
}

pub(super) fn with_the_county(claim: ClaimId) -> Denied {
    Denied {
        reason: say(
            format!("申报 {claim} 已不在学校初审环节"),
            format!("claim {claim} is not the school's to decide any more"),
        ),
        remedy: say("请由县级审核员办理", "let a county reviewer decide it"),
    }
}

pub(super) fn no_person() -> Denied {
    Denied {
        reason: say(
            "申报和审核要记明是谁，这个账号或令牌没有对应的教师档案",
            "claims and reviews say who it was, and this account or token names no person",
        ),
        remedy: say(
            "请系统管理员在账号中填写教师编号（keshi account change --teacher，或令牌的 --teacher）",
            "let the admin give the account its teacher id (keshi account change --teacher, or a token's --teacher)",
        ),
    }
}

pub(super) fn not_in_her_name(given: &str) -> Denied {
    Denied {
        reason: say(
            format!("办理人写的是 {given}，不是您本人"),
            format!("it is said to be done by {given}, who is not you"),
        ),
        remedy: say("请以本人名义办理", "do it in your own name"),
    }
}

pub(super) fn not_her_claim() -> Denied {
    Denied {
        reason: say("只能申报与本人有关的活动", "you may claim only what you did yourself"),
        remedy: say(
            "请由本人、其所在学校或县级审核员申报",
            "let the person concerned, her school or a county reviewer claim it",
        ),
    }
}
