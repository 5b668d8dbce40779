//! All tasks of a server, so that none outlives it.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::task::JoinSet;

/// The tasks of one server: it accepts, serves connections and, over HTTP/2,
/// answers streams. Clones are the same tasks.
#[derive(Clone, Debug)]
pub(super) struct Tasks(Arc<Mutex<Option<JoinSet<()>>>>);

impl Tasks {
    pub(super) fn new() -> Self {
        Tasks(Arc::new(Mutex::new(Some(JoinSet::new()))))
    }

    /// Runs a task, unless all were ended.
    pub(super) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.with(|tasks| {
            if let Some(tasks) = tasks {
                // Those that are done would add up.
                while tasks.try_join_next().is_some() {}
                tasks.spawn(task);
            }
        });
    }

    /// Ends all tasks, now and for good.
    pub(super) fn end(&self) {
        // Dropping the set aborts its tasks.
        drop(self.with(Option::take));
    }

    /// Ends all tasks and waits until they are gone.
    pub(super) async fn ended(&self) {
        if let Some(mut tasks) = self.with(Option::take) {
            tasks.shutdown().await;
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut Option<JoinSet<()>>) -> T) -> T {
        // Nothing that is done under the lock leaves the set half changed.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<F> hyper::rt::Executor<F> for Tasks
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.spawn(task);
    }
}

#[cfg(test)]
mod tests {
    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn ending_ends_all_tasks_and_runs_no_other() {
        let tasks = Tasks::new();
        let (held, dropped) = oneshot::channel::<()>();
        tasks.spawn(async move {
            std::future::pending::<()>().await;
            drop(held);
        });
        tasks.ended().await;
        assert!(dropped.await.is_err());
        let (late, refused) = oneshot::channel::<()>();
        tasks.spawn(async move { late.send(()).unwrap() });
        assert!(refused.await.is_err());
    }
}
