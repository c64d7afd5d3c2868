//! How the office's stream must be set.

use async_nats::jetstream::stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType};

use crate::MESSAGE_BYTES_MAX;
use crate::nats::config::NatsConfig;

/// Names every setting under which the stream could lose, rewrite, duplicate or leak something.
///
/// What only makes it refuse new messages (sizes) or keeps it more safely (more replicas) is the operator's affair.
pub(crate) fn differences(found: &Config, config: &NatsConfig) -> Vec<String> {
    let mut differences = Vec::new();
    let mut want = |is_so: bool, wanted: &str, found: String| {
        if !is_so {
            differences.push(format!("{wanted} is wanted, found {found}"));
        }
    };
    let subjects = config.subjects();
    want(
        found.subjects == subjects,
        &format!("subjects {subjects:?}"),
        format!("{:?}", found.subjects),
    );
    want(
        found.storage == StorageType::File,
        "storage file",
        format!("{:?}", found.storage),
    );
    want(
        found.retention == RetentionPolicy::Limits,
        "retention limits",
        format!("{:?}", found.retention),
    );
    want(
        found.discard == DiscardPolicy::New,
        "discard new",
        format!("{:?}", found.discard),
    );
    want(
        found.num_replicas >= config.replicas,
        &format!("replicas {}", config.replicas),
        found.num_replicas.to_string(),
    );
    want(found.max_age.is_zero(), "no max_age", format!("{:?}", found.max_age));
    let per_subject = found.max_messages_per_subject;
    want(per_subject <= 0, "no max_msgs_per_subject", per_subject.to_string());
    let bytes_max = found.max_message_size;
    let is_wide = usize::try_from(bytes_max).map_or(true, |bytes| bytes == 0 || bytes > MESSAGE_BYTES_MAX + 1024);
    want(is_wide, "max_msg_size of 1 MiB or none", bytes_max.to_string());
    want(found.deny_delete, "deny_delete", "false".to_owned());
    want(found.deny_purge, "deny_purge", "false".to_owned());
    for (is_set, name) in [
        (found.no_ack, "no_ack"),
        (found.sealed, "sealed"),
        (found.allow_rollup, "allow_rollup_hdrs"),
        (found.allow_message_ttl, "allow_msg_ttl"),
        (found.allow_message_counter, "allow_msg_counter"),
        (found.allow_message_schedules, "allow_msg_schedules"),
        (found.mirror.is_some(), "mirror"),
        (
            found.sources.as_ref().is_some_and(|sources| !sources.is_empty()),
            "sources",
        ),
        (found.subject_transform.is_some(), "subject_transform"),
        (found.republish.is_some(), "republish"),
        (found.persist_mode == Some(PersistenceMode::Async), "persist_mode async"),
    ] {
        want(!is_set, &format!("no {name}"), "it set".to_owned());
    }
    differences
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_dangerous_setting_is_named() {
        let config = NatsConfig {
            replicas: 3,
            ..NatsConfig::new("nats://h", "610729")
        };
        let found = Config {
            subjects: vec!["keshi.610729.>".into()],
            storage: StorageType::Memory,
            retention: RetentionPolicy::WorkQueue,
            max_age: Duration::from_mins(1),
            max_messages_per_subject: 1,
            max_message_size: 1000,
            allow_rollup: true,
            persist_mode: Some(PersistenceMode::Async),
            ..Config::default()
        };
        let differences = differences(&found, &config).join("\n");
        for name in [
            "subjects",
            "storage",
            "replicas",
            "retention",
            "discard",
            "max_age",
            "max_msgs_per_subject",
            "max_msg_size",
            "deny_delete",
            "deny_purge",
            "allow_rollup_hdrs",
            "persist_mode",
        ] {
            assert!(differences.contains(name), "{name} is not in:\n{differences}");
        }
    }
}
