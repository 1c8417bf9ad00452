// SPDX-License-Identifier: Apache-2.0

/// What a bash of ours reads first: our own commands as functions, so that they can change the shell's variables, and what becomes of
/// a command that nobody knows.
enum SessionScript {
    /// For `-c`, for commands from standard input, and for the bash beside the prompt.
    static var common: String {
        """
        unset BASH_ENV
        __sagebrush_context() {
            local sagebrush_changes sagebrush_status
            { sagebrush_changes=$(SAGEBRUSH_CHANGES=3 command sagebrush "$@" 3>&1 >&4 4>&-); sagebrush_status=$?; } 4>&1
            eval "$sagebrush_changes"
            return $sagebrush_status
        }
        \(contextFunctions)
        \(plainFunctions)
        help() { if [ $# -eq 0 ]; then command sagebrush commands; else builtin help "$@"; fi; }
        command_not_found_handle() {
            case $1 in !?*) set -- "${1#!}" "${@:2}"; "$@"; return ;; esac
            case $- in *i*) ;; *) local -x SAGEBRUSH_LINE=${BASH_LINENO[0]} ;; esac
            command sagebrush unprefixed "$@"
        }

        """
    }

    /// For the bash beside the prompt alone: quiet, without a history of its own, able to tell how it stands.
    ///
    /// The report forks nothing: a process that bash waits for would take the terminal back to bash.
    static let interactive = """
        PS1= PS2= HISTFILE=
        export -n PS1 PS2 HISTFILE
        set +o history +H
        unset MAILCHECK PROMPT_COMMAND TMOUT
        __sagebrush_status() { return "$1"; }
        __sagebrush_report() {
            local sagebrush_status=$? sagebrush_trace= sagebrush_name sagebrush_names
            case $- in *x*) sagebrush_trace=x ;; esac
            local -
            set +eux
            PS1= PS2=
            compgen -e >"$SAGEBRUSH_SESSION/names"
            mapfile -t sagebrush_names <"$SAGEBRUSH_SESSION/names"
            {
                printf '%s\\0%s\\0%s\\0' "$sagebrush_status" "$sagebrush_trace" "$PWD"
                compgen -A function -A alias
                printf '\\0'
                for sagebrush_name in "${sagebrush_names[@]}"; do
                    printf '%s=%s\\0' "$sagebrush_name" "${!sagebrush_name-}"
                done
                printf '\\0'
            } >"$SAGEBRUSH_SESSION/report"
        }

        """

    private static var contextFunctions: String {
        OwnCommand.all.filter(\.changesContext).map { "\($0.name)() { __sagebrush_context \($0.name) \"$@\"; }" }
            .joined(separator: "\n")
    }

    private static var plainFunctions: String {
        OwnCommand.all.filter { !$0.changesContext && !$0.isBuiltIn }.map {
            "\($0.name)() { command sagebrush \($0.name) \"$@\"; }"
        }
        .joined(separator: "\n")
    }
}
