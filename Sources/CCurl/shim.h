// What Swift cannot call of libcurl: its variadic functions, one typed inline for each kind of argument.

#ifndef KILN_CCURL_SHIM_H
#define KILN_CCURL_SHIM_H

#include <curl/curl.h>
#include <stddef.h>

typedef size_t (*kiln_curl_data_callback)(char *data, size_t size, size_t count, void *context);
typedef int (*kiln_curl_progress_callback)(
    void *context, curl_off_t download_total, curl_off_t downloaded, curl_off_t upload_total, curl_off_t uploaded);
typedef int (*kiln_curl_seek_callback)(void *context, curl_off_t offset, int origin);
typedef curl_socket_t (*kiln_curl_socket_callback)(
    void *context, curlsocktype purpose, struct curl_sockaddr *address);
typedef int (*kiln_curl_close_callback)(void *context, curl_socket_t socket);
typedef int (*kiln_curl_debug_callback)(
    CURL *handle, curl_infotype kind, char *data, size_t size, void *context);
typedef int (*kiln_curl_request_callback)(
    void *context, char *peer, char *own, int peer_port, int own_port);

static inline CURLcode kiln_curl_set_long(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kiln_curl_set_offset(CURL *handle, CURLoption option, curl_off_t value) {
    return curl_easy_setopt(handle, option, value);
}

// libcurl copies the text, but for CURLOPT_POSTFIELDS.
static inline CURLcode kiln_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kiln_curl_set_pointer(CURL *handle, CURLoption option, void *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kiln_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kiln_curl_set_mime(CURL *handle, curl_mime *value) {
    return curl_easy_setopt(handle, CURLOPT_MIMEPOST, value);
}

static inline CURLcode kiln_curl_set_data_callback(CURL *handle, CURLoption option, kiln_curl_data_callback value) {
    return curl_easy_setopt(handle, option, value);
}

static inline CURLcode kiln_curl_set_progress_callback(CURL *handle, kiln_curl_progress_callback value) {
    return curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, value);
}

static inline CURLcode kiln_curl_set_seek_callback(CURL *handle, kiln_curl_seek_callback value) {
    return curl_easy_setopt(handle, CURLOPT_SEEKFUNCTION, value);
}

static inline CURLcode kiln_curl_set_socket_callback(CURL *handle, kiln_curl_socket_callback value) {
    return curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, value);
}

static inline CURLcode kiln_curl_set_close_callback(CURL *handle, kiln_curl_close_callback value) {
    return curl_easy_setopt(handle, CURLOPT_CLOSESOCKETFUNCTION, value);
}

static inline CURLcode kiln_curl_set_debug_callback(CURL *handle, kiln_curl_debug_callback value) {
    return curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, value);
}

static inline CURLcode kiln_curl_set_request_callback(CURL *handle, kiln_curl_request_callback value) {
    return curl_easy_setopt(handle, CURLOPT_PREREQFUNCTION, value);
}

static inline CURLcode kiln_curl_set_share(CURL *handle, CURLSH *value) {
    return curl_easy_setopt(handle, CURLOPT_SHARE, value);
}

static inline CURLSHcode kiln_curl_share_connections(CURLSH *share) {
    return curl_share_setopt(share, CURLSHOPT_SHARE, CURL_LOCK_DATA_CONNECT);
}

static inline CURLMcode kiln_curl_multi_set_long(CURLM *multi, CURLMoption option, long value) {
    return curl_multi_setopt(multi, option, value);
}

// The next transfer that has ended, or NULL. Its message is gone with this call.
static inline CURL *kiln_curl_multi_next_ended(CURLM *multi, CURLcode *result) {
    int left;
    CURLMsg *message;
    while ((message = curl_multi_info_read(multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) continue;
        *result = message->data.result;
        return message->easy_handle;
    }
    return NULL;
}

// Belongs to libcurl and lives as long as the handle is left alone; NULL if there is none.
static inline const char *kiln_curl_get_text(CURL *handle, CURLINFO info) {
    char *value = NULL;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : NULL;
}

static inline curl_off_t kiln_curl_get_offset(CURL *handle, CURLINFO info) {
    curl_off_t value = -1;
    return curl_easy_getinfo(handle, info, &value) == CURLE_OK ? value : -1;
}

// What CURLOPT_CERTINFO found of the server's own certificate, as `name:value`; NULL if nothing. Belongs to libcurl.
static inline const struct curl_slist *kiln_curl_get_certificate(CURL *handle) {
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(handle, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain || chain->num_of_certs < 1) return NULL;
    return chain->certinfo[0];
}

static inline void *kiln_curl_get_private(CURL *handle) {
    char *value = NULL;
    return curl_easy_getinfo(handle, CURLINFO_PRIVATE, &value) == CURLE_OK ? value : NULL;
}

static inline CURLcode kiln_curl_get_long(CURL *handle, CURLINFO info, long *value) {
    return curl_easy_getinfo(handle, info, value);
}

#endif
