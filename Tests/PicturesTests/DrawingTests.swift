import Foundation
import Testing

@testable import Pictures

@Suite struct DrawingTests {
    let studio: Studio

    init() throws { studio = try Studio() }

    private func svg(_ body: String, before: String = "") -> [UInt8] {
        Array(
            """
            \(before)<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
            xmlns:xi="http://www.w3.org/2001/XInclude" width="40" height="40">\(body)</svg>
            """.utf8)
    }

    @Test func `a drawing is drawn at the size that is asked for`() async throws {
        let (made, bytes) = try await studio.make(try await studio.sample(.svg), studio.png(300, 200))
        #expect((made.width, made.height) == (300, 200))
        #expect(try await Array(studio.pixel(bytes, 150, 100).prefix(3)) == [255, 0, 0])
    }

    @Test(arguments: [
        "<image href='file:///etc/passwd' width='40' height='40'/>",
        "<image xlink:href='http://127.0.0.1:9/x.png' width='40' height='40'/>",
        "<image href='picture.svg' width='40' height='40'/>",
        "<xi:include href='/etc/passwd' parse='text'/>",
        "<text><xi:include href='file:///etc/passwd' parse='text'/></text>",
        "<use href='/etc/hostname#a'/>",
        "<style>@import url('file:///etc/passwd');</style>",
        "<script>alert(1)</script>",
    ])
    func `what a drawing refers to has no effect (P5)`(reference: String) async throws {
        let (_, bytes) = try await studio.make(svg(reference), studio.png(40, 40))
        // Nothing is painted, so every pixel stays clear.
        for point in [(1, 1), (20, 20), (39, 39)] { #expect(try await studio.pixel(bytes, point.0, point.1).last == 0) }
    }

    @Test func `entities of files have no effect, and bombs of entities end`() async throws {
        let file = "<!DOCTYPE svg [<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        let outcome = await result(svg("<text y='20'>&f;</text>", before: file))
        if case .success(let bytes) = outcome { #expect(try await studio.pixel(bytes, 5, 15).last == 0) }
        var entities = "<!DOCTYPE svg [<!ENTITY a0 'lollollollollol'>"
        for level in 1..<12 {
            entities += "<!ENTITY a\(level) '\(String(repeating: "&a\(level - 1);", count: 10))'>"
        }
        let bomb = await result(svg("<text>&a11;</text>", before: entities + "]>"))
        guard case .failure(let error) = bomb else {
            Issue.record("the bomb was drawn")
            return
        }
        #expect(error.isTheSenders)
    }

    @Test func `copies of copies end`() async throws {
        var body = "<defs><rect id='u0' width='9' height='9'/>"
        for level in 1..<30 {
            body += "<g id='u\(level)'>" + String(repeating: "<use href='#u\(level - 1)'/>", count: 10) + "</g>"
        }
        let outcome = await result(svg(body + "</defs><use href='#u29'/>"))
        if case .failure(let error) = outcome { #expect(error.isTheSenders) }
    }

    @Test func `a broken drawing is refused`() async throws {
        let broken = Array("<svg xmlns='http://www.w3.org/2000/svg'><rect".utf8) + Array(">".utf8)
        guard case .failure(let error) = await result(broken) else {
            Issue.record("it was drawn")
            return
        }
        #expect(error.isTheSenders)
    }

    private func result(_ bytes: [UInt8]) async -> Result<[UInt8], PictureError> {
        do {
            return .success(try await studio.make(bytes, studio.png(40, 40)).1)
        } catch let error as PictureError {
            return .failure(error)
        } catch {
            return .failure(.notDecodable(reason: "\(error)"))
        }
    }
}
