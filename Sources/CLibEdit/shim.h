// SPDX-License-Identifier: Apache-2.0
//
// libedit's el_set, el_get and history are variadic, which Swift can't call, and stdin, stdout and stderr are mutable
// globals, which Swift 6 rejects. These wrappers give each used form a fixed signature.

#ifndef SAGEBRUSH_CLIBEDIT_SHIM_H
#define SAGEBRUSH_CLIBEDIT_SHIM_H

#include <histedit.h>
#include <stdio.h>

typedef char *(*sagebrush_prompt_function)(EditLine *);
typedef unsigned char (*sagebrush_key_function)(EditLine *, int);
typedef int (*sagebrush_read_function)(EditLine *, wchar_t *);

static inline EditLine *sagebrush_el_init(const char *program) { return el_init(program, stdin, stdout, stderr); }

static inline int sagebrush_el_set_client_data(EditLine *editor, void *data) { return el_set(editor, EL_CLIENTDATA, data); }

static inline void *sagebrush_el_client_data(EditLine *editor) {
    void *data = NULL;
    el_get(editor, EL_CLIENTDATA, &data);
    return data;
}

// Text between two '\1' in the prompt takes no room on the screen.
static inline int sagebrush_el_set_prompt(EditLine *editor, sagebrush_prompt_function prompt) {
    return el_set(editor, EL_PROMPT_ESC, prompt, '\1');
}

static inline int sagebrush_el_set_editor(EditLine *editor, const char *mode) { return el_set(editor, EL_EDITOR, mode); }

static inline int sagebrush_el_set_history(EditLine *editor, History *history_handle) {
    return el_set(editor, EL_HIST, history, history_handle);
}

static inline int sagebrush_el_add_function(EditLine *editor, const char *name, const char *help, sagebrush_key_function function) {
    return el_set(editor, EL_ADDFN, name, help, function);
}

static inline int sagebrush_el_bind(EditLine *editor, const char *key, const char *function) {
    return el_set(editor, EL_BIND, key, function, NULL);
}

static inline int sagebrush_el_set_reader(EditLine *editor, sagebrush_read_function reader) {
    return el_set(editor, EL_GETCFN, reader);
}

static inline int sagebrush_el_refresh(EditLine *editor) { return el_set(editor, EL_REFRESH); }

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

#endif
