#include "net/outbound.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <mutex>

#include <curl/curl.h>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "net/base64url.h"

namespace tarn::net {

namespace {

struct EasyDeleter {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;

struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

struct UrlDeleter {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// Empty: the address has none.
std::string PartOf(CURLU* url, CURLUPart part) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return "";
    std::string copy(text);
    curl_free(text);
    return copy;
}

class TextList {
public:
    void Add(const std::string& text) {
        curl_slist* longer = curl_slist_append(list_.get(), text.c_str());
        Check(longer != nullptr, "a list of headers could not be made");
        static_cast<void>(list_.release());
        list_.reset(longer);
    }
    curl_slist* get() const { return list_.get(); }

private:
    std::unique_ptr<curl_slist, ListDeleter> list_;
};

Easy NewEasy() {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    Easy easy(curl_easy_init());
    Check(easy != nullptr, "libcurl gave no handle");
    curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, OutboundLimits::kConnectMs);
    curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, OutboundLimits::kWholeMs);
    return easy;
}

size_t DropAnswer(char* /*bytes*/, size_t size, size_t count, void* taken) {
    auto& all = *static_cast<size_t*>(taken);
    all += size * count;
    return all > OutboundLimits::kMostAnswerBytes ? 0 : size * count;
}

// Asked about once a second while nothing moves.
int StopsWhenCancelled(void* token, curl_off_t /*to_read*/, curl_off_t /*read*/,
                       curl_off_t /*to_send*/, curl_off_t /*sent*/) {
    return static_cast<const CancelToken*>(token)->IsCancelled() ? 1 : 0;
}

void RequireSmall(std::string_view body, size_t most_bytes) {
    if (body.size() <= most_bytes) return;
    throw Error(ErrorKind::kLimitExceeded, "a message of {} is too large: at most {}",
                HumanBytes(body.size()), HumanBytes(most_bytes));
}

// What went wrong, without the address.
[[noreturn]] void Fail(CURLcode code, std::string_view what) {
    ErrorKind kind = ErrorKind::kUnavailable;
    if (code == CURLE_OPERATION_TIMEDOUT) kind = ErrorKind::kTimeout;
    if (code == CURLE_ABORTED_BY_CALLBACK) kind = ErrorKind::kCancelled;
    if (code == CURLE_LOGIN_DENIED) kind = ErrorKind::kPermissionDenied;
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL)
        kind = ErrorKind::kInvalidInput;
    throw Error(kind, "{}: {}", what, curl_easy_strerror(code));
}

void RequireOneLine(std::string_view text, std::string_view what) {
    if (text.empty() || text.find_first_of("\r\n") != std::string_view::npos)
        throw Error(ErrorKind::kInvalidInput, "{} of a message is empty or of several lines", what);
}

// RFC 2047 where it is not ASCII.
std::string HeaderText(const std::string& text) {
    const bool is_ascii = std::all_of(text.begin(), text.end(), [](unsigned char c) {
        constexpr unsigned char kLastAscii = 126;
        return c >= ' ' && c <= kLastAscii;
    });
    if (is_ascii) return text;
    std::string encoded;
    constexpr size_t kPiece = 42;  // a word has at most 75 characters
    for (std::string_view rest = text; !rest.empty();) {
        const std::string_view piece = CutText(rest, kPiece);
        std::string word = EncodeBase64Url(piece);
        std::replace(word.begin(), word.end(), '-', '+');
        std::replace(word.begin(), word.end(), '_', '/');
        word.append((4 - word.size() % 4) % 4, '=');
        encoded += (encoded.empty() ? "=?utf-8?B?" : "\r\n =?utf-8?B?") + word + "?=";
        rest.remove_prefix(piece.size());
    }
    return encoded;
}

struct Upload {
    std::string text;
    size_t at = 0;
};

size_t GiveUpload(char* buffer, size_t size, size_t count, void* from) {
    auto& upload = *static_cast<Upload*>(from);
    const size_t given = std::min(size * count, upload.text.size() - upload.at);
    std::memcpy(buffer, upload.text.data() + upload.at, given);
    upload.at += given;
    return given;
}

}  // namespace

std::string OriginOf(const std::string& url) {
    const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
    const CURLUcode code = curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
    const std::string scheme = PartOf(parsed.get(), CURLUPART_SCHEME);
    const std::string host = PartOf(parsed.get(), CURLUPART_HOST);
    if (code != CURLUE_OK || (scheme != "http" && scheme != "https") || host.empty())
        throw Error(ErrorKind::kInvalidInput, "expected an address as http://host:5000");
    if (!PartOf(parsed.get(), CURLUPART_USER).empty() ||
        !PartOf(parsed.get(), CURLUPART_PASSWORD).empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "an address holds no user and no password: give a key by the environment");
    }
    const std::string port = PartOf(parsed.get(), CURLUPART_PORT);
    return scheme + "://" + host + (port.empty() ? "" : ":" + port);
}

void Post(const HttpPost& post, const CancelToken& cancel) {
    RequireSmall(post.body, post.most_bytes);
    const Easy easy = NewEasy();
    TextList headers;
    headers.Add("Content-Type: " + post.content_type);
    headers.Add("Expect:");
    for (const auto& [name, value] : post.headers) {
        RequireOneLine(name, "a header's name");
        RequireOneLine(value, "a header");
        headers.Add(name + ": " + value);
    }
    size_t answered = 0;
    curl_easy_setopt(easy.get(), CURLOPT_URL, post.url.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, post.body.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE, static_cast<long>(post.body.size()));
    curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &DropAnswer);
    curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &answered);
    curl_easy_setopt(easy.get(), CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy.get(), CURLOPT_XFERINFOFUNCTION, &StopsWhenCancelled);
    curl_easy_setopt(easy.get(), CURLOPT_XFERINFODATA, &cancel);
    const CURLcode code = curl_easy_perform(easy.get());
    long status = 0;
    curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
    const bool is_answered = code == CURLE_OK || (code == CURLE_WRITE_ERROR && status != 0);
    if (!is_answered) Fail(code, "the HTTP message was not taken");
    constexpr long kTooMany = 429;
    constexpr long kServerErrors = 500;
    if (status >= 200 && status < 300) return;
    throw Error(status == kTooMany || status >= kServerErrors ? ErrorKind::kUnavailable
                                                              : ErrorKind::kInvalidInput,
                "the HTTP message was refused with status {}", status);
}

std::string MailText(const Mail& mail) {
    RequireOneLine(mail.from, "the sender");
    RequireOneLine(mail.subject, "the subject");
    if (mail.to.empty()) throw Error(ErrorKind::kInvalidInput, "a mail has nobody to go to");
    for (const std::string& one : mail.to) RequireOneLine(one, "an address");
    const std::string host = mail.from.substr(mail.from.find('@') + 1);
    std::string text = "From: " + mail.from + "\r\nTo: " + Join(mail.to, ", ") +
                       "\r\nSubject: " + HeaderText(mail.subject) + "\r\nDate: " + mail.date +
                       "\r\nMessage-ID: <" + mail.id + "@" + host +
                       ">\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
                       "Content-Transfer-Encoding: 8bit\r\n\r\n";
    for (const std::string& line : Split(mail.text, '\n')) {
        std::string_view rest = line;
        if (rest.ends_with('\r')) rest.remove_suffix(1);
        constexpr size_t kLongest = 900;  // RFC 5322 allows 998
        do {
            const std::string_view piece = CutText(rest, kLongest);
            text += std::string(piece) + "\r\n";
            rest.remove_prefix(piece.size());
        } while (!rest.empty());
    }
    return text;
}

void Send(const Mail& mail) {
    Upload upload{MailText(mail)};
    RequireSmall(upload.text, OutboundLimits::kMostBodyBytes);
    const Easy easy = NewEasy();
    TextList to;
    for (const std::string& one : mail.to) to.Add("<" + one + ">");
    const std::string from = "<" + mail.from + ">";
    curl_easy_setopt(easy.get(), CURLOPT_URL, mail.server.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_FROM, from.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_MAIL_RCPT, to.get());
    if (mail.needs_tls)
        curl_easy_setopt(easy.get(), CURLOPT_USE_SSL, static_cast<long>(CURLUSESSL_ALL));
    if (!mail.user.empty()) {
        curl_easy_setopt(easy.get(), CURLOPT_USERNAME, mail.user.c_str());
        curl_easy_setopt(easy.get(), CURLOPT_PASSWORD, mail.password.c_str());
    }
    curl_easy_setopt(easy.get(), CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy.get(), CURLOPT_READFUNCTION, &GiveUpload);
    curl_easy_setopt(easy.get(), CURLOPT_READDATA, &upload);
    const CURLcode code = curl_easy_perform(easy.get());
    if (code != CURLE_OK) Fail(code, "the mail was not taken");
}

}  // namespace tarn::net
