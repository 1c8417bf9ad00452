// SPDX-License-Identifier: Apache-2.0
//
// libedit's el_set, el_get and history are variadic, which Swift can't call, and stdin, stdout and stderr are mutable
// globals, which Swift 6 rejects. These wrappers give each used form a fixed signature.

#ifndef SAGEBRUSH_CLIBEDIT_SHIM_H
#define SAGEBRUSH_CLIBEDIT_SHIM_H

#include <histedit.h>
#include <stdio.h>
#include <wchar.h>

typedef unsigned char (*sagebrush_key_function)(EditLine *, int);
typedef int (*sagebrush_read_function)(EditLine *, wchar_t *);

// libedit keeps the line and its keys; what it draws goes nowhere, because the editor draws more than it can. The descriptors are the
// terminal's, for its modes and size.
static inline EditLine *sagebrush_el_init(const char *program) {
    FILE *nowhere = fopen("/dev/null", "we");
    return nowhere ? el_init_fd(program, stdin, nowhere, nowhere, 0, 1, 2) : NULL;
}

static inline void sagebrush_el_end(EditLine *editor) {
    FILE *nowhere = NULL;
    el_get(editor, EL_GETFP, 1, &nowhere);
    el_end(editor);
    if (nowhere) fclose(nowhere);
}

static inline int sagebrush_el_set_client_data(EditLine *editor, void *data) { return el_set(editor, EL_CLIENTDATA, data); }

static inline void *sagebrush_el_client_data(EditLine *editor) {
    void *data = NULL;
    el_get(editor, EL_CLIENTDATA, &data);
    return data;
}

static inline int sagebrush_el_set_editor(EditLine *editor, const char *mode) { return el_set(editor, EL_EDITOR, mode); }

static inline const char *sagebrush_el_editor(EditLine *editor) {
    const char *mode = NULL;
    el_get(editor, EL_EDITOR, &mode);
    return mode;
}

static inline int sagebrush_el_set_history(EditLine *editor, History *history_handle) {
    return el_set(editor, EL_HIST, history, history_handle);
}

static inline int sagebrush_el_add_function(EditLine *editor, const char *name, const char *help, sagebrush_key_function function) {
    return el_set(editor, EL_ADDFN, name, help, function);
}

static inline int sagebrush_el_set_reader(EditLine *editor, sagebrush_read_function reader) {
    return el_set(editor, EL_GETCFN, reader);
}

static inline int sagebrush_history_set_size(History *handle, int size) {
    HistEvent event;
    return history(handle, &event, H_SETSIZE, size);
}

static inline int sagebrush_history_set_unique(History *handle, int on) {
    HistEvent event;
    return history(handle, &event, H_SETUNIQUE, on);
}

static inline int sagebrush_history_enter(History *handle, const char *line) {
    HistEvent event;
    return history(handle, &event, H_ENTER, line);
}

// The columns that a character takes; headers show it only to those who ask for X/Open.
static inline int sagebrush_wcwidth(wchar_t character) {
    extern int wcwidth(wchar_t);
    return wcwidth(character);
}

#endif
