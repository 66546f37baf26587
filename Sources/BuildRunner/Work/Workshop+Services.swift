package import ServiceLifecycle

extension Workshop {
    /// All that moves builds, for the service group. Each may run any number of times beside others of its kind.
    package var services: [any Service] {
        [BuildWorker(self), CleanUpWorker(self), FollowerWorker(self), Caretaker(self)]
    }
}
