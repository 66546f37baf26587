#pragma once
#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

/* The file types are macros with casts, which Swift does not import. */
enum carchive_filetype {
    carchive_regular = 0100000,
    carchive_link = 0120000,
    carchive_socket = 0140000,
    carchive_character_device = 0020000,
    carchive_block_device = 0060000,
    carchive_directory = 0040000,
    carchive_fifo = 0010000,
};

static inline unsigned int carchive_entry_type(struct archive_entry *entry) {
    return (unsigned int)archive_entry_filetype(entry);
}

static inline void carchive_entry_set_type(struct archive_entry *entry, unsigned int type) {
    archive_entry_set_filetype(entry, type);
}

/* libarchive converts names to the thread's character set. This gives the calling thread UTF-8, so that names come out
   as they are; give the result to carchive_leave_utf8 on the same thread. */
struct carchive_locale {
    locale_t utf8;
    locale_t previous;
};

static inline struct carchive_locale carchive_enter_utf8(void) {
    struct carchive_locale pair;
    pair.utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    pair.previous = pair.utf8 ? uselocale(pair.utf8) : (locale_t)0;
    return pair;
}

static inline void carchive_leave_utf8(struct carchive_locale pair) {
    if (!pair.utf8) return;
    uselocale(pair.previous);
    freelocale(pair.utf8);
}
