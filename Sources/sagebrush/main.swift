// SPDX-License-Identifier: Apache-2.0

import Foundation

// Standard output into a pipe that nobody reads any more ends a write with an error, not the program.
signal(SIGPIPE, SIG_IGN)
exit(await Program.run(CommandLine.arguments))
