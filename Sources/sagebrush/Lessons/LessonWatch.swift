// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lessons
import World

/// Looks after each line of the prompt whether it has done the step that the student is at.
struct LessonWatch {
    private var mark: Store.ChangeMark?

    /// Looks where something in the world has changed since the last look.
    ///
    /// What goes wrong here is no business of the line's: `lesson check` says it. Nor is a step that somebody went back to done by going there.
    ///
    /// - Returns: what there is to say.
    mutating func news(_ session: Session, after line: String) async -> String? {
        let mark = session.world.store.changeMark()
        defer { self.mark = session.world.store.changeMark() }
        let word = line.split(separator: " ").first
        guard mark != self.mark || session.remoteEndpoint != nil, word != "lesson", word != "workshop" else { return nil }
        guard var desk = try? LessonDesk(session), let lesson = desk.current else { return nil }
        guard let done = try? await desk.advance(), !done.isEmpty else { return nil }
        return LessonPage(desk).news(of: done, in: lesson)
    }
}
