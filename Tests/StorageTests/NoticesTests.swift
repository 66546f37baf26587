import Domain
import Storage
import Testing

@Suite struct NoticesTests {
    private let notices = Notices()

    @Test func `a stream begins with a hint and holds at most one, P6`() async {
        var hints = notices.subscribe(to: .work).makeAsyncIterator()
        for _ in 0..<1000 { notices.post(.work) }
        await hints.next()
        notices.post(.mail)
        notices.post(.work)
        await hints.next()
    }

    @Test func `a stream that was dropped is forgotten`() {
        do {
            let stream = notices.subscribe(to: .mail)
            #expect(notices.subscriberCount == 1)
            _ = stream
        }
        #expect(notices.subscriberCount == 0)
    }

    @Test func `a stream ends with its task`() async {
        let stream = notices.subscribe(to: .work)
        let (begun, beginning) = AsyncStream.makeStream(of: Void.self)
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in stream { beginning.yield() }
            }
            for await _ in begun.prefix(1) {}
            group.cancelAll()
        }
        #expect(notices.subscriberCount == 0)
    }

    @Test func `ten thousand watchers each get their own build's hint`() async {
        let builds = (0..<10_000).map { _ in NewBuild.sample().id }
        let streams = builds.map { notices.subscribe(to: .build($0)) }
        for build in builds { notices.post(.build(build)) }
        for stream in streams {
            var hints = stream.makeAsyncIterator()
            await hints.next()
        }
        #expect(notices.subscriberCount == 10_000)
    }
}
